// An nft table as a value: text of the whole, text of the change between two, both applied atomically.
// Endpoints live in map elements and in one small chain a service, so a change stays as small as its cause.

export interface NftSet {
  readonly kind: 'set' | 'map';
  /** e.g. `ipv4_addr . inet_service : verdict`. */
  readonly type: string;
  /** Whether `type` is of expressions (`ether saddr : ct zone`) since one of its types has no name; false by default. */
  readonly byExpressions?: boolean;
  /** Key to value; sets have an empty value. */
  readonly elements: ReadonlyMap<string, string>;
}

export interface NftChain {
  /** e.g. `type nat hook prerouting priority dstnat; policy accept;`; empty for a chain that is jumped to. */
  readonly hook: string;
  readonly rules: readonly string[];
}

export interface NftTable {
  readonly name: string;
  readonly sets: ReadonlyMap<string, NftSet>;
  readonly chains: ReadonlyMap<string, NftChain>;
}

const FAMILY = 'inet';

function typeText({ type, byExpressions = false }: NftSet): string {
  return `${byExpressions ? 'typeof' : 'type'} ${type}`;
}

function elementText([key, value]: readonly [string, string]): string {
  return value === '' ? key : `${key} : ${value}`;
}

function elementsText(elements: Iterable<readonly [string, string]>): string {
  return Array.from(elements, elementText).join(', ');
}

/** Replaces whatever table of that name there is, in one transaction. */
export function renderTable(table: NftTable): string {
  const lines = [`table ${FAMILY} ${table.name} {}`, `delete table ${FAMILY} ${table.name}`];
  lines.push(`table ${FAMILY} ${table.name} {`);
  // Chains are declared before the maps that name them in verdicts; base chains need their hook at once.
  for (const [name, chain] of table.chains) {
    if (chain.hook === '') {
      lines.push(`  chain ${name} {`, '  }');
    }
  }
  for (const [name, set] of table.sets) {
    lines.push(`  ${set.kind} ${name} {`, `    ${typeText(set)}`);
    if (set.elements.size > 0) {
      lines.push(`    elements = { ${elementsText(set.elements)} }`);
    }
    lines.push('  }');
  }
  for (const [name, chain] of table.chains) {
    lines.push(`  chain ${name} {`);
    if (chain.hook !== '') {
      lines.push(`    ${chain.hook}`);
    }
    lines.push(...chain.rules.map((rule) => `    ${rule}`), '  }');
  }
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

/**
 * The commands that turn `previous` (what the kernel holds) into `next`; empty when nothing differs.
 * The skeleton (base chains, sets and their types) must be the same, else the whole table is replaced.
 */
export function renderDelta(previous: NftTable, next: NftTable): string {
  if (skeletonOf(previous) !== skeletonOf(next)) {
    return renderTable(next);
  }
  const at = `${FAMILY} ${next.name}`;
  const create: string[] = [];
  const fill: string[] = [];
  const drop: string[] = [];
  for (const [name, chain] of next.chains) {
    const old = previous.chains.get(name);
    if (old === undefined) {
      create.push(`add chain ${at} ${name}`);
    } else if (old === chain || old.rules.join('\n') === chain.rules.join('\n')) {
      continue;
    } else {
      create.push(`flush chain ${at} ${name}`);
    }
    fill.push(...chain.rules.map((rule) => `add rule ${at} ${name} ${rule}`));
  }
  for (const [name, set] of next.sets) {
    fill.push(
      ...elementChanges(`${at} ${name}`, previous.sets.get(name)?.elements ?? new Map(), set.elements),
    );
  }
  for (const name of previous.chains.keys()) {
    if (!next.chains.has(name)) {
      drop.push(`flush chain ${at} ${name}`, `delete chain ${at} ${name}`);
    }
  }
  const lines = [...create, ...fill, ...drop];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function elementChanges(
  at: string,
  previous: ReadonlyMap<string, string>,
  next: ReadonlyMap<string, string>,
): string[] {
  const gone: string[] = [];
  const added: (readonly [string, string])[] = [];
  for (const [key, value] of previous) {
    if (next.get(key) !== value) {
      gone.push(key);
    }
  }
  for (const element of next) {
    if (previous.get(element[0]) !== element[1]) {
      added.push(element);
    }
  }
  return [
    ...(gone.length === 0 ? [] : [`delete element ${at} { ${gone.join(', ')} }`]),
    ...(added.length === 0 ? [] : [`add element ${at} { ${elementsText(added)} }`]),
  ];
}

function skeletonOf(table: NftTable): string {
  const bases = [...table.chains].filter(([, chain]) => chain.hook !== '');
  return JSON.stringify([
    table.name,
    [...table.sets].map(([name, set]) => [name, set.kind, typeText(set)]),
    bases.map(([name, chain]) => [name, chain.hook]),
  ]);
}
