// The filters of `docker ps`. A filter that is not known is refused by name, as Docker does.
import { SkeinError } from '../../shared/errors.ts';
import type { Filters } from '../../shared/protocol/control.ts';
import { type ContainerView, isContainerId } from '../../worker/container/api.ts';

const KNOWN: readonly string[] = [
  'ancestor',
  'exited',
  'health',
  'id',
  'is-task',
  'label',
  'name',
  'network',
  'status',
  'volume',
];

type Test = (view: ContainerView, wanted: string) => boolean;

const TESTS: Readonly<Record<string, Test>> = {
  ancestor: ({ record }, wanted) =>
    record.config.spec.image === wanted ||
    record.config.spec.image === `${wanted}:latest` ||
    record.imageId.replace('sha256:', '').startsWith(wanted.replace('sha256:', '')),
  exited: ({ record, status }, wanted) => status === 'exited' && record.exitCode === Number(wanted),
  health: ({ health }, wanted) => (health ?? 'none') === wanted,
  id: ({ record }, wanted) => record.id.startsWith(wanted),
  'is-task': ({ record }, wanted) => /^(?:1|true)$/i.test(wanted) !== isContainerId(record.id),
  label: ({ record }, wanted) => {
    const [key = '', ...value] = wanted.split('=');
    const { labels } = record.config.spec;
    return Object.hasOwn(labels, key) && (value.length === 0 || labels[key] === value.join('='));
  },
  name: ({ record }, wanted) => matches(`/${record.name}`, wanted) || matches(record.name, wanted),
  network: ({ record }, wanted) => {
    const { networking } = record.config;
    return networking.kind === 'overlay'
      ? networking.networks.some(({ target }) => target === wanted)
      : networking.kind === wanted;
  },
  status: ({ status }, wanted) => status === wanted,
  volume: ({ record }, wanted) =>
    record.config.spec.mounts.some(({ source, target }) => source === wanted || target === wanted),
};

/** Values of one filter are alternatives, but for labels, which must all be there. @throws SkeinError `bad-filter` */
export function containerFilter(filters: Filters): (view: ContainerView) => boolean {
  const unknown = Object.keys(filters).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    throw new SkeinError('invalid', 'bad-filter', `invalid filter '${unknown}'`);
  }
  return (view) =>
    Object.entries(filters).every(([name, values]) => {
      const test = TESTS[name];
      const passes = (value: string): boolean => test?.(view, value) ?? true;
      return name === 'label' ? values.every(passes) : values.some(passes);
    });
}

/** A pattern as Docker's; one that is no valid expression is taken as text. */
function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return text.includes(pattern);
  }
}
