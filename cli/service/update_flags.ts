// The flags of service update: those it shares with create, and -add and -rm for every list.
import type { Mount } from '../client/types.ts';
import { list, listOf, text, toggle } from '../flags/flag.ts';
import { parseFileReference } from '../opts/file_reference.ts';
import { parseMount } from '../opts/mount.ts';
import { parseNetwork } from '../opts/network.ts';
import { parsePublish, parseTargetPort } from '../opts/publish.ts';
import { parseGenericResource, parseHost, parsePreference, parseUlimit } from '../opts/resources.ts';
import { SHARED_FLAGS } from './flags.ts';

export const UPDATE_FLAGS = {
  ...SHARED_FLAGS,
  args: text('Service command args', undefined, 'command'),
  'cap-add': list('Add Linux capabilities'),
  'cap-drop': list('Drop Linux capabilities'),
  'config-add': listOf(
    'Add or update a config file on a service',
    (value) => parseFileReference(value, (name) => name),
    'config',
  ),
  'config-rm': list('Remove a configuration file'),
  'constraint-add': list('Add or update a placement constraint'),
  'constraint-rm': list('Remove a constraint'),
  'container-label-add': list('Add or update a container label'),
  'container-label-rm': list('Remove a container label by its key'),
  'dns-add': list('Add or update a custom DNS server'),
  'dns-option-add': list('Add or update a DNS option'),
  'dns-option-rm': list('Remove a DNS option'),
  'dns-rm': list('Remove a custom DNS server'),
  'dns-search-add': list('Add or update a custom DNS search domain'),
  'dns-search-rm': list('Remove a DNS search domain'),
  'env-add': list('Add or update an environment variable'),
  'env-rm': list('Remove an environment variable'),
  force: toggle('Force update even if no changes require it'),
  'generic-resource-add': listOf('Add a Generic resource', parseGenericResource, 'list'),
  'generic-resource-rm': list('Remove a Generic resource'),
  'group-add': list('Add an additional supplementary user group to the container'),
  'group-rm': list('Remove a previously added supplementary user group from the container'),
  'host-add': listOf('Add a custom host-to-IP mapping ("host:ip")', parseHost, 'list'),
  'host-rm': list('Remove a custom host-to-IP mapping ("host:ip")'),
  image: text('Service image tag'),
  'label-add': list('Add or update a service label'),
  'label-rm': list('Remove a label by its key'),
  'log-opt': list('Logging driver options'),
  'mount-add': listOf<Mount>('Add or update a mount on a service', parseMount, 'mount'),
  'mount-rm': list('Remove a mount by its target path'),
  'network-add': listOf('Add a network', parseNetwork, 'network'),
  'network-rm': list('Remove a network'),
  'placement-pref-add': listOf('Add a placement preference', parsePreference, 'pref'),
  'placement-pref-rm': listOf('Remove a placement preference', parsePreference, 'pref'),
  'publish-add': listOf('Add or update a published port', parsePublish, 'port'),
  'publish-rm': listOf('Remove a published port by its target port', parseTargetPort, 'port'),
  rollback: toggle('Rollback to previous specification'),
  'secret-add': listOf(
    'Add or update a secret on a service',
    (value) => parseFileReference(value, (name) => name),
    'secret',
  ),
  'secret-rm': list('Remove a secret'),
  'sysctl-add': list('Add or update a Sysctl option'),
  'sysctl-rm': list('Remove a Sysctl option'),
  'ulimit-add': listOf('Add or update a ulimit option', parseUlimit, 'ulimit'),
  'ulimit-rm': list('Remove a ulimit option'),
};
