// Names for services that were given none, as Docker makes them: two words that a person can remember.
import { type Random, randomInt } from '../../shared/random.ts';

const ADJECTIVES =
  'able airy ample amber apt bold brave bright brisk calm candid clear clever cosmic crisp curious daring deft eager early easy fair fleet fond frank free fresh gentle glad golden grand happy hardy honest humble jolly keen kind lively loyal lucid lucky mellow merry mild neat nimble noble patient plucky polite proud quick quiet ready robust serene sharp shy silver sleek snug sober solid spry steady stout sunny swift tame tidy tranquil vivid warm wary wild wise witty young zesty'.split(
    ' ',
  );

/** A skein is a flock of geese: so birds. */
const NOUNS =
  'avocet bittern brant bunting buzzard crane curlew dipper diver dotterel dove dunlin eagle eider falcon fieldfare finch fulmar gadwall gannet godwit goldeneye goose goshawk grebe grouse gull harrier hawk heron hobby hoopoe ibis jackdaw jay kestrel kingfisher kite knot lapwing lark linnet magpie mallard martin merlin moorhen nightjar nuthatch oriole osprey ouzel owl partridge peregrine petrel pintail pipit plover pochard puffin quail rail raven redshank robin rook ruff sanderling shearwater shrike siskin skua skylark smew snipe starling stilt stork swallow swan swift teal tern thrush turnstone wagtail warbler waxwing wheatear whimbrel wigeon wren'.split(
    ' ',
  );

/** `adjective_noun`; from the second attempt on with a digit behind it, so that a taken name is soon left. */
export function randomName(random: Random, attempt = 0): string {
  const pick = (words: readonly string[]) => words[randomInt(random, 0, words.length - 1)] ?? '';
  return `${pick(ADJECTIVES)}_${pick(NOUNS)}${attempt === 0 ? '' : randomInt(random, 0, 9)}`;
}
