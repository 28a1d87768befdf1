import { expect, type Page } from '@playwright/test';

/** Opens a page and waits until its keys work: what is pressed before that goes nowhere. */
export async function openPage(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await untilKeysWork(page);
}

export async function untilKeysWork(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: /^Keyboard/ })).toBeVisible();
}
