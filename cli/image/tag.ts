// skein image tag
import { defineCommand } from '../command.ts';
import { imagePath, splitReference } from './reference.ts';

export const command = defineCommand({
  usage: 'image tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  aliases: ['image tag', 'tag'],
  examples: [['image tag web:1 registry.example:5000/web:1', 'give an image a second name']],
  flags: {},
  args: { min: 2, max: 2 },
  async run({ api }, { args: [source = '', target = ''] }) {
    const { repository, tag } = splitReference(target);
    await api.post(`/images/${imagePath(source)}/tag`, { query: { repo: repository, tag } });
    return 0;
  },
});
