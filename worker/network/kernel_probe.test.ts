import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { isNamespace } from '../kernel/namespace.ts';
import { networkWarnings, probeKernel } from './kernel_probe.ts';

const whole = { vxlan: true, ipvs: true, ipv6: true, nftProblem: '' };

describe('what the kernel has', () => {
  it.runIf(process.getuid?.() === 0)('is tried, and nothing stays of the trial', async () => {
    const directory = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
    const path = join(directory, 'probe');
    try {
      const support = await probeKernel(systemClock, path);
      expect(support).toMatchObject({ vxlan: true, ipv6: true, nftProblem: '' });
      expect(isNamespace(path)).toBe(false);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it.runIf(process.getuid?.() === 0)('nft that is not there is told with its reason', async () => {
    const directory = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
    const before = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      const { nftProblem } = await probeKernel(systemClock, join(directory, 'probe'));
      expect(nftProblem).toContain('install the package nftables');
    } finally {
      process.env['PATH'] = before;
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it.each([
    [{}, []],
    [{ vxlan: false }, [/No VXLAN.*overlay networks/]],
    [{ ipvs: false }, [/No IPVS.*nftables/]],
    [{ ipv6: false }, [/No IPv6/]],
    [{ nftProblem: 'cannot run nft' }, [/published ports.*\(cannot run nft\)/]],
  ])('%j: said with what will not work', (lack, told) => {
    const warnings = networkWarnings({ ...whole, ...lack });
    expect(warnings).toHaveLength(told.length);
    warnings.forEach((line, index) => {
      expect(line).toMatch(told[index] ?? /^$/);
    });
  });
});
