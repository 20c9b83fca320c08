// A node described for people, as docker's --pretty.
import type { SwarmNode } from '../client/types.ts';
import { binarySize } from '../format/units.ts';

export function prettyNode(node: SwarmNode): string {
  const { Spec: spec, Description: description = {}, Status: status, ManagerStatus: manager } = node;
  const { Platform: platform, Resources: resources, Engine: engine, TLSInfo: tls } = description;
  const plugins = pluginsByType(engine?.Plugins ?? []);
  const lines = [
    `ID:\t\t\t${node.ID}`,
    ...(spec.Name ? [`Name:\t\t\t${spec.Name}`] : []),
    ...labels('Labels:', spec.Labels),
    `Hostname:              \t${description.Hostname ?? ''}`,
    `Joined at:             \t${goTime(node.CreatedAt ?? '')}`,
    'Status:',
    ` State:\t\t\t${capital(status.State ?? '')}`,
    ...(status.Message ? [` Message:              \t${status.Message}`] : []),
    ` Availability:         \t${capital(spec.Availability)}`,
    ...(status.Addr ? [` Address:\t\t${status.Addr}`] : []),
    ...(manager === undefined
      ? []
      : [
          'Manager Status:',
          ` Address:\t\t${manager.Addr ?? ''}`,
          ` Raft Status:\t\t${capital(manager.Reachability ?? '')}`,
          ` Leader:\t\t${manager.Leader === true ? 'Yes' : 'No'}`,
          ...(manager.UnreachableSince === undefined
            ? []
            : [` Unreachable since:\t${goTime(manager.UnreachableSince)}`]),
        ]),
    'Platform:',
    ` Operating System:\t${platform?.OS ?? ''}`,
    ` Architecture:\t\t${platform?.Architecture ?? ''}`,
    'Resources:',
    ` CPUs:\t\t\t${(resources?.NanoCPUs ?? 0) / 1e9}`,
    ` Memory:\t\t${binarySize(resources?.MemoryBytes ?? 0)}`,
    ...(plugins.length === 0 ? [] : ['Plugins:', ...plugins]),
    `Engine Version:\t\t${engine?.EngineVersion ?? ''}`,
    ...labels('Engine Labels:', engine?.Labels),
    ...(tls?.TrustRoot === undefined
      ? []
      : [
          'TLS Info:',
          ` TrustRoot:\n${tls.TrustRoot.trimEnd()}\n`,
          ` Issuer Subject:\t${tls.CertIssuerSubject ?? ''}`,
          ` Issuer Public Key:\t${tls.CertIssuerPublicKey ?? ''}`,
        ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Go's way to print a time, in lower case as docker's template makes it. */
function goTime(time: string): string {
  return time.replace('T', ' ').replace(/Z$/, ' +0000 utc');
}

function labels(title: string, map: Readonly<Record<string, string>> | undefined): string[] {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? [] : [title, ...entries.map(([key, value]) => ` - ${key}=${value}`)];
}

function pluginsByType(plugins: readonly { readonly Type: string; readonly Name: string }[]): string[] {
  const types = [...new Set(plugins.map((plugin) => plugin.Type))];
  return types.map((type) => {
    const names = plugins.filter((plugin) => plugin.Type === type).map((plugin) => plugin.Name);
    return ` ${type}:\t\t${names.join(', ')}`;
  });
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
