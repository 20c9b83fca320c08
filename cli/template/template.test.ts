// Templates as tables: what stands on the left gives what stands on the right. The data is plain JSON.
import { describe, expect, it } from 'vitest';
import { Row } from './evaluate.ts';
import { compile } from './template.ts';

const DATA = {
  ID: 'abc',
  Name: 'web',
  Empty: '',
  Zero: 0,
  Count: 3,
  Ratio: 0.5,
  Flag: true,
  Labels: { b: '2', a: '1', 'com.x/y': 'z' },
  Env: ['A=1', 'B=2'],
  None: [],
  Spec: { Mode: { Replicated: { Replicas: 3 } }, Ports: [{ Port: 80 }, { Port: 443 }] },
};

const GOOD: readonly (readonly [template: string, output: string])[] = [
  ['plain', 'plain'],
  ['{{.ID}} {{.Name}}', 'abc web'],
  ['{{ .Spec.Mode.Replicated.Replicas }}', '3'],
  ['{{.Missing}}', '<no value>'],
  ['{{.Missing.Deep.Field}}', '<no value>'],
  ['{{.Labels}} {{.Env}} {{.None}}', 'map[a:1 b:2 com.x/y:z] [A=1 B=2] []'],
  ['{{json .Env}}', '["A=1","B=2"]'],
  ['{{json .Spec.Mode}}', '{"Replicated":{"Replicas":3}}'],
  ['{{json .Missing}}', 'null'],
  ['{{.Name | upper}} {{upper .Name}} {{title .Name}} {{lower "ABC"}}', 'WEB WEB Web abc'],
  ['{{join .Env ","}} {{index (split "a/b/c" "/") 1}}', 'A=1,B=2 b'],
  ['{{len .Env}} {{len .Name}} {{len .Labels}}', '2 3 3'],
  ['{{index .Env 1}} {{index .Labels "com.x/y"}} {{index .Labels "nope"}}', 'B=2 z '],
  ['{{(index .Spec.Ports 1).Port}}', '443'],
  [
    '{{printf "%s has %d (%5d|%-5s|%05d|%q|%v|%.2f%%)" .Name .Count 42 "x" 7 "q" .Flag .Ratio}}',
    'web has 3 (   42|x    |00007|"q"|true|0.50%)',
  ],
  ['{{printf "%s"}}|{{printf "%d" "x"}}|{{printf "" 1}}', '%!s(MISSING)|%!d(string=x)|%!(EXTRA int=1)'],
  ['{{println .Name 1}}', 'web 1\n'],
  ['{{pad .Name 1 2}}|{{truncate .Name 2}}|{{truncate .Name 9}}', ' web  |we|web'],
  ['{{if .Empty}}yes{{else}}no{{end}}', 'no'],
  ['{{if .None}}a{{else if .Zero}}b{{else if .Count}}c{{else}}d{{end}}', 'c'],
  ['{{if and .Name .Count}}both{{end}} {{or .Empty "other"}} {{not .Flag}}', 'both other false'],
  [
    '{{if eq .Name "db" "web"}}in{{end}} {{ne .Count 3}} {{lt 1 2}} {{ge .Count 3}} {{gt "a" "b"}} {{le 2 1}}',
    'in false true true false false',
  ],
  ['{{range .Env}}[{{.}}]{{end}}', '[A=1][B=2]'],
  ['{{range .None}}x{{else}}none{{end}}', 'none'],
  ['{{range $i, $e := .Env}}{{$i}}:{{$e}} {{$.Name}};{{end}}', '0:A=1 web;1:B=2 web;'],
  ['{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}', 'a=1 b=2 com.x/y=z '],
  ['{{with .Spec.Mode.Replicated}}{{.Replicas}}{{end}}{{with .Missing}}x{{else}}-{{end}}', '3-'],
  ['{{$x := .Name}}{{$x}}{{if true}}{{$x}}{{end}}', 'webweb'],
  ['a {{- .Name -}} b{{/* nothing */}}c {{- /* gone */ -}} d', 'awebbcd'],
  ['{{"a\\tb"}}{{`\\n`}}', 'a\tb\\n'],
  ['{{print .Name .Count}}{{.Count | printf "%d-%d" 1}}', 'web31-3'],
  ['{{printf "%s.%s" .Name .ID}}', 'web.abc'],
  ['{{urlquery "a b"}} {{html "<a>"}} {{slice .Name 1}} {{slice .Name 0 1}}', 'a%20b &#60;a&#62; eb w'],
];

const BAD: readonly (readonly [template: string, message: RegExp])[] = [
  ['{{.ID', /unclosed action/],
  ['{{if .ID}}x', /unexpected EOF/],
  ['{{end}}', /unexpected \{\{end\}\}/],
  ['{{nope .ID}}', /function "nope" not defined/],
  ['{{.Name.First}}', /can't evaluate field First in a string/],
  ['{{index .Env 9}}', /out of range/],
  ['{{range .Count}}{{end}}', /can't iterate over 3/],
  ['{{$y}}', /undefined variable "\$y"/],
  ['{{.ID 1}}', /can't give argument to non-function/],
  ['{{}}', /missing value for command/],
  ['{{(.ID}}', /unclosed left paren/],
  ['{{lt 1 "a"}}', /incompatible types/],
  ['{{.ID ; }}', /unexpected ";"/],
  [`${'{{if 1}}'.repeat(200)}`, /too deeply nested/],
  [`{{${'('.repeat(300)}}}`, /too deeply nested/],
];

describe('templates', () => {
  it.each(GOOD)('%s', (template, output) => {
    expect(compile(template).run(DATA)).toBe(output);
  });

  it.each(BAD)('refuses %s', (template, message) => {
    expect(() => compile(template).run(DATA)).toThrow(message);
  });

  it('a row is strict, sorted as JSON, and has fields that take arguments', () => {
    const row = new Row({ Name: 'web', ID: 1, Label: (key: unknown) => `<${String(key)}>` });
    expect(compile('{{json .}} {{.Label "x"}}').run(row)).toBe('{"ID":1,"Name":"web"} <x>');
    expect(() => compile('{{.Nope}}').run(row)).toThrow(/can't evaluate field Nope/);
  });

  it('the header of a table keeps its words under functions', () => {
    expect(compile('{{upper .Name}}\t{{lower .Mode}}').header(new Row({ Name: 'Name', Mode: 'MODE' }))).toBe(
      'Name\tMODE',
    );
  });

  it('nothing outside of the data can be reached', () => {
    expect(compile('{{.constructor}} {{.__proto__}} {{.Name}}').run({ Name: 'x' })).toBe(
      '<no value> <no value> x',
    );
    expect(() => compile('{{constructor .}}').run({})).toThrow(/not defined/);
  });
});
