// The flags of service create alone, beside those that it shares with update.
import { list, listOf, text } from '../flags/flag.ts';
import { parseFileReference } from '../opts/file_reference.ts';
import { parseMount } from '../opts/mount.ts';
import { parseNetwork } from '../opts/network.ts';
import { parsePublish } from '../opts/publish.ts';
import { parseGenericResource, parseHost, parsePreference, parseUlimit } from '../opts/resources.ts';
import { SHARED_FLAGS } from './flags.ts';

export const CREATE_FLAGS = {
  ...SHARED_FLAGS,
  'cap-add': list('Add Linux capabilities'),
  'cap-drop': list('Drop Linux capabilities'),
  config: listOf(
    'Specify configurations to expose to the service',
    (value) => parseFileReference(value, (name) => name),
    'config',
  ),
  constraint: list('Placement constraints'),
  'container-label': list('Container labels'),
  dns: list('Set custom DNS servers'),
  'dns-option': list('Set DNS options'),
  'dns-search': list('Set custom DNS search domains'),
  env: list('Set environment variables', 'e'),
  'env-file': list('Read in a file of environment variables'),
  'generic-resource': listOf('User defined resources', parseGenericResource, 'list'),
  group: list('Set one or more supplementary user groups for the container'),
  host: listOf('Set one or more custom host-to-IP mappings (host:ip)', parseHost, 'list'),
  label: list('Service labels', 'l'),
  'log-opt': list('Logging driver options'),
  mode: text('Service mode ("replicated", "global", "replicated-job", "global-job") (default "replicated")'),
  mount: listOf('Attach a filesystem mount to the service', parseMount, 'mount'),
  name: text('Service name'),
  network: listOf('Network attachments', parseNetwork, 'network'),
  'placement-pref': listOf('Add a placement preference', parsePreference, 'pref'),
  publish: listOf('Publish a port as a node port', parsePublish, 'port', 'p'),
  secret: listOf(
    'Specify secrets to expose to the service',
    (value) => parseFileReference(value, (name) => name),
    'secret',
  ),
  sysctl: list('Sysctl options'),
  ulimit: listOf('Ulimit options', parseUlimit, 'ulimit'),
};
