import type { Metadata, Viewport } from 'next';
import localFont from 'next/font/local';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { Sprite } from '@/ui/sprite.tsx';
import { readTheme } from '@/ui/theme.ts';
import './globals.css';

const inter = localFont({
  src: '../../node_modules/@fontsource-variable/inter/files/inter-latin-standard-normal.woff2',
  variable: '--font-inter',
  weight: '100 900',
  display: 'swap',
});

export const metadata: Metadata = {
  title: { default: 'Basalt', template: '%s · Basalt' },
  applicationName: 'Basalt',
  description: 'Results of many LAVA masters on one page',
};

export const viewport: Viewport = { colorScheme: 'light dark' };

/**
 * No route has a loading.tsx: what it stands for would be put in place by a script, and every page can be read without.
 */
export default async function Layout({ children }: { children: ReactNode }) {
  const theme = readTheme((await cookies()).get('theme')?.value);
  return (
    <html lang="en" className={theme === 'system' ? inter.variable : `${inter.variable} ${theme}`}>
      <body>
        <Sprite />
        {children}
      </body>
    </html>
  );
}
