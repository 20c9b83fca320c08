// What promote and demote have in common: a new role for nodes that do not have it yet.
import type { Context } from '../context.ts';
import { forEach } from '../each.ts';
import { getNode } from './self.ts';

export function changeRole(
  { api, stdout }: Context,
  refs: readonly string[],
  role: 'manager' | 'worker',
  done: string,
): Promise<number> {
  return forEach(refs, async (ref) => {
    const node = await getNode(api, ref);
    if (node.Spec.Role === role) {
      stdout.write(`Node ${node.ID} is already a ${role}.\n`);
      return;
    }
    await api.post(`/nodes/${node.ID}/update`, {
      query: { version: node.Version.Index },
      body: { ...node.Spec, Role: role },
    });
    stdout.write(role === 'manager' ? `Node ${ref} ${done}.\n` : `Manager ${ref} ${done}.\n`);
  });
}
