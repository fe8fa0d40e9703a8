import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { PresetValues } from '../../../../contract/engine.ts';
import AdvancedSettings from '../../../../renderer/components/restore/advanced-settings.svelte';
import GuideWeights from '../../../../renderer/components/restore/guide-weights.svelte';
import OverrideSlider from '../../../../renderer/components/restore/override-slider.svelte';
import QualityChart from '../../../../renderer/components/restore/quality-chart.svelte';
import SeedField from '../../../../renderer/components/restore/seed-field.svelte';
import { RestoreState } from '../../../../renderer/state/restore.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { FakeApi } from '../photo/fake-api.ts';
import { makeDraft } from '../photo/make-photo.ts';
import { settingsWith } from '../settings-fixture.ts';

function valuesWith(auto: boolean | null): PresetValues {
  return {
    ...{ weights: [1], spacing: 1, rho: 0.1, dgsa: false, guidanceScale: 1, kernelRefinement: false },
    ...{ perRegion: false, auto, crispness: null, steps: {} },
  };
}

beforeEach(() => settings.use(settingsWith({ language: 'en' })));

describe('weights', () => {
  test('are linked: one moves, the others share the rest', async () => {
    const onchange = vi.fn();
    render(GuideWeights, { weights: [0.7, 0.2, 0.1], onchange });
    expect(screen.getAllByRole('slider')).toHaveLength(3);
    const first = screen.getByRole('slider', { name: 'Weight of guide 1' });
    await fireEvent.input(first, { target: { value: '0.4' } });
    expect(onchange).toHaveBeenCalledWith([0.4, 0.4, 0.2]);
  });

  test("go back to the paper's, offered only where they differ", async () => {
    const onchange = vi.fn();
    const { rerender } = render(GuideWeights, { weights: [0.5, 0.5], onchange });
    await fireEvent.click(screen.getByRole('button', { name: "Reset to the paper's" }));
    expect(onchange).toHaveBeenCalledWith([0.8, 0.2]);
    await rerender({ weights: [0.8, 0.2] });
    expect(screen.queryByRole('button')).toBeNull();
  });

  test('of a single guide need no slider', () => {
    render(GuideWeights, { weights: [1], onchange: vi.fn() });
    expect(screen.queryByRole('slider')).toBeNull();
  });
});

describe('a value that is automatic until it is set', () => {
  const props = {
    label: 'Blur',
    hint: 'How blurred.',
    automatic: 3.26,
    min: 0.1,
    max: 15,
    step: 0.1,
    format: (value: number) => value.toFixed(1),
  };

  test('shows the automatic one, and starts there', async () => {
    const onchange = vi.fn();
    render(OverrideSlider, { ...props, value: null, onchange });
    expect(screen.getByText('Automatic: 3.3')).toBeTruthy();
    await fireEvent.click(screen.getByRole('switch', { name: 'Blur' }));
    expect(onchange).toHaveBeenCalledWith(3.3);
  });

  test('moves, and goes back', async () => {
    const onchange = vi.fn();
    render(OverrideSlider, { ...props, value: 5, onchange });
    await fireEvent.input(screen.getByRole('slider', { name: 'Blur' }), { target: { value: '6' } });
    await fireEvent.click(screen.getByRole('switch', { name: 'Blur' }));
    expect(onchange.mock.calls).toEqual([[6], [null]]);
  });

  test('says so where no face tells it', () => {
    render(OverrideSlider, { ...props, automatic: null, value: null, onchange: vi.fn() });
    expect(screen.getByText('Automatic for each face')).toBeTruthy();
  });
});

describe('blur by region', () => {
  const open = () => {
    const restore = new RestoreState(new FakeApi({}).client);
    render(AdvancedSettings, { restore });
    return restore;
  };
  const byRegion = () => screen.queryByRole<HTMLInputElement>('switch', { name: 'Blur by region' });

  test('is switched on in place of a blur set by hand, and off again', async () => {
    const restore = open();
    restore.set('blur', 4);
    await fireEvent.click(byRegion()!);
    expect(restore.chosen).toEqual({ perRegion: true });
    expect(byRegion()!.checked).toBe(true);
    await fireEvent.click(byRegion()!);
    expect(restore.chosen).toEqual({ perRegion: false });
  });

  test('is shown off where a blur is set by hand', async () => {
    const restore = open();
    restore.set('perRegion', true);
    restore.set('blur', 4);
    await tick();
    expect(byRegion()!.checked).toBe(false);
  });

  test('is not for the exact sampler', async () => {
    const restore = open();
    restore.set('sampler', 'exact');
    await tick();
    expect(byRegion()).toBeNull();
  });
});

describe('guides by certainty', () => {
  const byCertainty = () => screen.queryByRole<HTMLInputElement>('switch', { name: 'Guides by certainty' });
  const open = (auto: boolean | null) => {
    const restore = new RestoreState(new FakeApi({}).client);
    restore.presets = [{ id: 'balanced', name: 'Balanced', description: '', values: valuesWith(auto) }];
    render(AdvancedSettings, { restore });
    return restore;
  };

  test('are offered by a pack that can choose, in place of guides set by hand', async () => {
    const restore = open(false);
    restore.set('guides', 2);
    await fireEvent.click(byCertainty()!);
    expect(restore.chosen).toEqual({ auto: true });
    expect(byCertainty()!.checked).toBe(true);
    restore.set('spacing', 2);
    await tick();
    expect(byCertainty()!.checked).toBe(false);
  });

  test('are not offered by another one', () => {
    open(null);
    expect(byCertainty()).toBeNull();
  });
});

describe('the seed', () => {
  test('takes a whole number up to 32 bits and puts anything else back, saying why', async () => {
    const onchange = vi.fn();
    render(SeedField, { seed: 7, onchange });
    const field = screen.getByLabelText<HTMLInputElement>('Seed');
    for (const wrong of ['-1', '4294967296', 'x', '1.5']) {
      await fireEvent.input(field, { target: { value: wrong } });
      await fireEvent.change(field);
      expect(field.value).toBe('7');
      expect(screen.getByText(/whole number from 0 to 4,294,967,295/)).toBeTruthy();
    }
    expect(onchange).not.toHaveBeenCalled();
    await fireEvent.input(field, { target: { value: '4294967295' } });
    await fireEvent.change(field);
    expect(onchange).toHaveBeenCalledWith(4294967295);
    expect(screen.queryByText(/whole number/)).toBeNull();
  });
});

describe('the chart', () => {
  test('shows this setting and the earlier ones, and says so in words', () => {
    const current = makeDraft(2);
    render(QualityChart, { current, earlier: [makeDraft(0), makeDraft(1)], stale: false });
    const chart = screen.getByRole('img', { name: 'Fidelity and sharpness' });
    expect(chart.querySelectorAll('.earlier')).toHaveLength(2);
    expect(chart.querySelectorAll('.current')).toHaveLength(1);
    expect(chart.querySelector('desc')?.textContent).toBe(
      'This setting keeps 75 of 100 of the likeness and is 2 times as sharp as the photo. Earlier settings of this face: 2.',
    );
  });

  test('keeps a point in its place when others come', async () => {
    const current = makeDraft(0);
    const { rerender } = render(QualityChart, { current, earlier: [], stale: false });
    const place = (kind: string) => {
      const dot = screen.getByRole('img').querySelector(`.${kind}`);
      return [dot?.getAttribute('cx'), dot?.getAttribute('cy')];
    };
    const before = place('current');
    const far = makeDraft(1, { measures: { ...current.measures, likeness: 0.8, sharpness: 0.2 } });
    await rerender({ current: far, earlier: [current] });
    expect(place('earlier')).toEqual(before);
    expect(place('current')).not.toEqual(before);
  });

  test('says that nothing was measured', () => {
    render(QualityChart, { current: null, earlier: [], stale: true });
    expect(screen.getByRole('img').querySelector('desc')?.textContent).toContain('yet');
  });
});
