// Ports as columns show them: `*:8080->80/tcp`, neighbours drawn together as ranges.
import type { Port } from '../client/types.ts';

interface Span {
  readonly published: number;
  readonly target: number;
  readonly length: number;
  readonly protocol: string;
}

/** Published ports of a service's endpoint. */
export function servicePorts(ports: readonly Port[] | undefined): string {
  const spans: Span[] = [];
  const sorted = [...(ports ?? [])]
    .filter((port) => port.PublishMode !== 'host')
    .sort(
      (a, b) =>
        (a.Protocol ?? '').localeCompare(b.Protocol ?? '') || (a.PublishedPort ?? 0) - (b.PublishedPort ?? 0),
    );
  for (const port of sorted) {
    const { PublishedPort: published = 0, TargetPort: target = 0, Protocol: protocol = 'tcp' } = port;
    const last = spans.at(-1);
    if (
      last !== undefined &&
      last.protocol === protocol &&
      last.published + last.length === published &&
      last.target + last.length === target
    ) {
      spans[spans.length - 1] = { ...last, length: last.length + 1 };
    } else {
      spans.push({ published, target, length: 1, protocol });
    }
  }
  return spans
    .map(
      (span) =>
        `*:${range(span.published, span.length)}->${range(span.target, span.length)}/${span.protocol}`,
    )
    .join(', ');
}

function range(first: number, length: number): string {
  return length === 1 ? String(first) : `${first}-${first + length - 1}`;
}

/** Ports a task holds on its own node (publish mode host). */
export function taskPorts(ports: readonly Port[] | undefined): string {
  return (ports ?? [])
    .map((port) => `*:${port.PublishedPort ?? 0}->${port.TargetPort ?? 0}/${port.Protocol ?? 'tcp'}`)
    .join(',');
}

/** The image as people wrote it: without the digest that was pinned behind its tag. */
export function familiarImage(image: string): string {
  const [name = '', digest] = image.split('@');
  const hasTag = /:[^/]*$/.test(name);
  return (digest === undefined || hasTag ? name : image).replace(/^docker\.io\/(library\/)?/, '');
}
