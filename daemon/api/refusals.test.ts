// What the face answers to requests that are wrong: Docker's status codes and a sentence that helps, and
// the daemon goes on as before.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiBed, apiBed, SELF } from '../../test/support/api_bed.ts';
import { secret } from '../../test/support/objects.ts';

describe('wrong requests', () => {
  let bed: ApiBed;
  beforeEach(async () => {
    bed = await apiBed((tx) => tx.create('secret', secret({ id: 'sec1' })));
  });
  afterEach(() => bed.close());

  const asked = async (request: string, payload?: string, headers: Record<string, string> = {}) => {
    const [method = '', url = ''] = request.split(' ');
    const answer = await bed.app.inject({
      method: method === 'POST' ? 'POST' : method === 'DELETE' ? 'DELETE' : 'GET',
      url,
      headers: { ...(payload !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(payload !== undefined && { payload }),
    });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(Object.keys(answer.json())).toEqual(['message']);
    return `${answer.statusCode} ${answer.json().message}`;
  };

  const table: readonly (readonly [request: string, payload: string | undefined, answer: RegExp])[] = [
    ['GET /nowhere', undefined, /^404 page not found$/],
    ['GET /', undefined, /^404 page not found$/],
    ['GET /v1.41/nowhere', undefined, /^404 page not found$/],
    ['GET /v1/version', undefined, /^404 page not found$/],
    ['POST /version', undefined, /^404 page not found$/],
    [
      'GET /v1.99/version',
      undefined,
      /^400 client version 1\.99 is too new\. Maximum supported API version is 1\.50/,
    ],
    ['GET /v2.0/version', undefined, /^400 client version 2\.0 is too new/],
    [
      'GET /v1.12/version',
      undefined,
      /^400 client version 1\.12 is too old\. Minimum supported API version is 1\.40/,
    ],
    ['GET /v1.12/nowhere', undefined, /^400 client version 1\.12 is too old/],
    ['GET /exec/abc/json', undefined, /^501 not implemented: GET \/exec\/abc\/json is not supported$/],
    [
      'POST /v1.41/containers/a/pause',
      undefined,
      /^501 not implemented: POST \/containers\/a\/pause is not supp/,
    ],
    ['GET /containers/nothing/json', undefined, /^404 No such container: nothing$/],
    ['POST /containers/create', '{}', /^400 no image given/],
    ['POST /containers/create', '{"Image":"nowhere:1"}', /^404 No such image: nowhere:1$/],
    [
      'POST /containers/create',
      '{"Image":"a","HostConfig":{"Privileged":true}}',
      /^501 .*HostConfig.Privileged$/,
    ],
    ['POST /containers/create?name=a/b', '{"Image":"nowhere:1"}', /^400 Invalid container name \(a\/b\)/],
    ['POST /containers/a/attach', undefined, /^400 attaching needs the headers/],
    ['POST /build', undefined, /^501 not implemented: POST \/build is not supported$/],
    ['GET /volumes', undefined, /^501 not implemented: GET \/volumes is not supported$/],
    ['GET /system/df', undefined, /^501 not implemented: GET \/system\/df is not supported$/],
    ['POST /auth', '{}', /^501 not implemented: POST \/auth is not supported$/],
    ['POST /images/web/push', undefined, /^501 not implemented: image push$/],
    ['GET /images/search?term=x', undefined, /^501 not implemented: image search$/],
    ['GET /services/%zz', undefined, /^400 /],
    ['POST /services/create', '{"Name": ', /^400 invalid JSON: /],
    [
      'POST /services/create',
      '[]',
      /^400 invalid JSON: cannot read array into field ServiceSpec of type object$/,
    ],
    ['POST /services/create', '"text"', /^400 invalid JSON: cannot read string into field ServiceSpec/],
    ['POST /services/create', '', /^400 the request needs a JSON body \(ServiceSpec\)$/],
    ['POST /services/create', 'null', /^400 the request needs a JSON body/],
    ['POST /services/create', undefined, /^400 the request needs a JSON body/],
    ['GET /services/nowhere', undefined, /^404 service nowhere not found$/],
    ['GET /services/nowhere/logs?stdout=1', undefined, /^404 service nowhere not found$/],
    ['GET /tasks/nowhere', undefined, /^404 task nowhere not found$/],
    ['GET /nodes/nowhere', undefined, /^404 node nowhere not found$/],
    ['GET /networks/nowhere', undefined, /^404 network nowhere not found$/],
    ['GET /secrets/nowhere', undefined, /^404 secret nowhere not found$/],
    ['GET /images/nowhere/json', undefined, /^404 No such image: nowhere$/],
    ['GET /images/get?names=nowhere', undefined, /^404 No such image: nowhere$/],
    ['GET /images/get', undefined, /^400 name the images to save/],
    ['DELETE /images/nowhere', undefined, /^404 No such image: nowhere$/],
    ['DELETE /networks/host', undefined, /^403 host is a pre-defined network and cannot be removed$/],
    [
      'POST /networks/create',
      '{"Name":"x","Driver":"bridge"}',
      /^501 not implemented: networks with driver 'bridge'/,
    ],
    [
      'POST /networks/create',
      '{"Name":"x","Driver":"overlay","ConfigOnly":true}',
      /^501 not implemented: config-only/,
    ],
    [
      'POST /networks/create',
      '{"Name":"x","Driver":"overlay","EnableIPv4":false}',
      /^501 not implemented: networks without IPv4/,
    ],
    ['GET /services?filters={', undefined, /^400 invalid filter: the parameter filters takes a JSON object$/],
    ['GET /services?filters=[]', undefined, /^400 invalid filter: /],
    ['GET /services?filters={"wings":["2"]}', undefined, /^400 invalid filter 'wings': use one of/],
    ['GET /services?filters={"name":7}', undefined, /^400 invalid filter 'name': it takes a map of values/],
    [
      'GET /images/json?filters={"wings":["2"]}',
      undefined,
      /^400 invalid filter 'wings': use one of dangling, label/,
    ],
    ['GET /events?until=tomorrow', undefined, /^400 invalid time 'tomorrow' of until/],
    ['GET /events?since=1', undefined, /^501 not implemented: events of the past/],
    ['POST /images/create', undefined, /^400 fromImage or fromSrc is needed$/],
    ['POST /images/create?fromImage=Web', undefined, /^400 invalid reference format: .*lowercase/],
    ['POST /images/create?fromImage=nowhere&tag=1', undefined, /^404 No such image: nowhere:1/],
    [
      'POST /images/create?fromSrc=http://x/y.tar',
      undefined,
      /^501 not implemented: image import from a URL/,
    ],
    ['POST /secrets/create', '{"Name":"x","Data":"not base64!"}', /^400 .*SecretSpec.Data is not base64$/],
    ['POST /secrets/create', '{"Name":"x","Data":"abc"}', /^400 .*SecretSpec.Data is not base64$/],
    ['POST /secrets/create', '{"Name":"sec1","Data":"YQ=="}', /^409 secret sec1 already exists$/],
    [
      'POST /secrets/create',
      '{"Name":"x","Driver":{"Name":"vault"}}',
      /^501 not implemented: secret drivers$/,
    ],
    ['POST /swarm/init', '{}', /^503 This node is already part of a swarm\./],
    ['POST /swarm/join', '{"JoinToken":7}', /^400 .*JoinRequest.JoinToken of type string$/],
    ['POST /swarm/join', '{}', /^503 This node is already part of a swarm\./],
    [`POST /nodes/${SELF}/update`, '{}', /^400 invalid version ''/],
    [`DELETE /nodes/${SELF}`, undefined, /^400 node .* is a cluster manager/],
  ];
  it.each(table)('%s %s', async (request, payload, answer) => {
    expect(await asked(request, payload)).toMatch(answer);
  });

  it('a body that does not say it is JSON is told so', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await asked('POST /services/create', '{"Name":"x"}', form)).toBe(
      "400 unsupported Content-Type header (application/x-www-form-urlencoded): must be 'application/json'",
    );
  });

  it('broken registry credentials are told so, and not repeated', async () => {
    const body = '{"Name":"x","TaskTemplate":{"ContainerSpec":{"Image":"a"}}}';
    for (const header of ['%%%', 'aHVudGVyMg', Buffer.from('["hunter2"]').toString('base64url')]) {
      for (const request of [
        'POST /services/create',
        'POST /images/create?fromImage=a',
        'GET /distribution/a/json',
      ]) {
        expect(await asked(request, body, { 'x-registry-auth': header })).toBe(
          '400 invalid X-Registry-Auth header: it takes base64 of a JSON object',
        );
      }
    }
    const token = Buffer.from('{"identitytoken":"x"}').toString('base64url');
    expect(await asked('POST /services/create', body, { 'x-registry-auth': token })).toMatch(
      /^501 not implemented: registry credentials by identity token/,
    );
  });

  it('JSON that is deep, or names what objects inherit, is read as any other', async () => {
    const deep = `{"Name":"x","Labels":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(await asked('POST /secrets/create', deep)).toMatch(
      /^400 .*cannot read array into field SecretSpec.Labels/,
    );
    const answer = await bed.app.inject({
      method: 'POST',
      url: '/secrets/create',
      headers: { 'content-type': 'application/json' },
      payload: '{"Name":"proto","Data":"YQ==","Labels":{"__proto__":"x","constructor":"y"}}',
    });
    expect(answer.statusCode, answer.body).toBe(201);
    expect((await bed.app.inject('/secrets/proto')).body).toContain(
      '"Labels":{"__proto__":"x","constructor":"y"}',
    );
    expect(await asked('GET /services?filters={"__proto__":["x"]}')).toMatch(/^400 invalid filter/);
  });

  it('filters come in the old form and the new one', async () => {
    for (const filters of [
      '{"name":["sec"]}',
      '{"name":{"sec":true}}',
      '{"name":{"sec":true,"other":false}}',
      '{}',
    ]) {
      const found = (await bed.app.inject({ url: '/secrets', query: { filters } })).json();
      expect(
        found.map((item: { ID: string }) => item.ID),
        filters,
      ).toEqual(['sec1']);
    }
    expect(
      (await bed.app.inject({ url: '/secrets', query: { filters: '{"name":["other"]}' } })).json(),
    ).toEqual([]);
  });

  it('on a node that is no manager the swarm is out of reach; info and networks are not', async () => {
    bed.node.state = 'worker';
    for (const path of ['/services', '/nodes', '/tasks', '/swarm', '/secrets', '/configs', '/events']) {
      expect(await asked(`GET ${path}`), path).toBe('503 This node is not a swarm manager.');
    }
    expect((await bed.app.inject('/info')).json().Swarm).toMatchObject({
      LocalNodeState: 'active',
      ControlAvailable: false,
    });
    const networks = (await bed.app.inject('/networks')).json();
    expect(networks.map((item: { Name: string }) => item.Name)).toEqual(['host', 'none']);
    expect(await asked('GET /networks/web')).toBe('404 network web not found');
  });

  it('info answers when the managers have lost their majority', async () => {
    bed.raft.barrier = () => new Promise(() => undefined);
    const { Swarm } = (await bed.app.inject('/info')).json();
    expect(Swarm).toMatchObject({ LocalNodeState: 'active', ControlAvailable: true });
    expect(Swarm.Error).toMatch(/managers/);
  });
});

describe('headers', () => {
  let bed: ApiBed;
  beforeEach(async () => {
    bed = await apiBed();
  });
  afterEach(() => bed.close());

  it('every answer tells version, system and server', async () => {
    for (const url of ['/version', '/nowhere', '/v1.99/x', '/services/x']) {
      expect((await bed.app.inject(url)).headers, url).toMatchObject({
        'api-version': '1.50',
        'docker-experimental': 'false',
        ostype: 'linux',
        server: 'Docker/0.1.0 (linux) skein',
      });
    }
  });

  it('a ping tells how the node stands', async () => {
    const swarm = async () => (await bed.app.inject({ method: 'HEAD', url: '/_ping' })).headers['swarm'];
    expect(await swarm()).toBe('active/manager');
    bed.node.state = 'worker';
    expect(await swarm()).toBe('active/worker');
    bed.node.state = 'inactive';
    expect(await swarm()).toBe('inactive');
    const ping = await bed.app.inject('/v1.41/_ping');
    expect(ping.body).toBe('OK');
    expect(ping.headers).toMatchObject({
      'builder-version': '1',
      'content-type': 'text/plain; charset=utf-8',
    });
  });

  it('init answers with the node id as JSON, and gives on what it was asked', async () => {
    bed.node.state = 'inactive';
    const answer = await bed.app.inject({
      method: 'POST',
      url: '/swarm/init',
      payload: {
        ListenAddr: '0.0.0.0:2377',
        AdvertiseAddr: '10.0.0.1',
        ForceNewCluster: false,
        SubnetSize: 0,
        Spec: {},
      },
    });
    expect(answer.json()).toBe(SELF);
    expect(bed.node.asked).toEqual([
      expect.objectContaining({ advertiseAddr: '10.0.0.1', availability: 'active', spec: {} }),
    ]);
  });
});
