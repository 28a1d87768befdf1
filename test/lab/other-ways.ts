/** What others ask a master for a finished job: SQUAD's backend for LAVA, and a person with a browser. */
import type { Master } from './masters.ts';

export type Way = { name: string; read(job: number): Promise<number> };

type Page = { results: Record<string, unknown>[]; next: string | null };

/** SQUAD 1.89 by REST: details, suites, the cases of each suite fifty a page by `next`, the whole log. */
export function squadByRest({ url, users }: Master): Way {
  const headers = { authorization: `Token ${users['sync-reader']?.token}`, accept: 'application/json' };
  const ask = (path: string) => good(fetch(new URL(path, url), { headers }));
  const all = async (first: string) => {
    const rows: Page['results'] = [];
    let requests = 0;
    for (let next: string | null = first; next; ) {
      requests += 1;
      const page = (await (await ask(next)).json()) as Page;
      rows.push(...page.results);
      next = page.next;
    }
    return { rows, requests };
  };
  return {
    name: "SQUAD's way, REST",
    async read(job) {
      const place = `/api/v0.2/jobs/${job}/`;
      await (await ask(place)).json();
      const suites = await all(`${place}suites/`);
      let requests = 1 + suites.requests;
      for (const { id } of suites.rows) requests += (await all(`${place}suites/${id}/tests/`)).requests;
      await (await ask(`${place}logs/`)).arrayBuffer();
      return requests + 1;
    },
  };
}

/** Calls of XML-RPC as the reader. */
function caller({ url, users }: Master) {
  const credentials = Buffer.from(`sync-reader:${users['sync-reader']?.token}`).toString('base64');
  return async (method: string, ...values: (string | number)[]) => {
    const params = values.map(
      (value) =>
        `<param><value>${typeof value === 'number' ? `<int>${value}</int>` : `<string>${value}</string>`}</value></param>`,
    );
    const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params.join('')}</params></methodCall>`;
    const headers = { authorization: `Basic ${credentials}`, 'content-type': 'text/xml' };
    const text = await (await good(fetch(new URL('RPC2', url), { method: 'POST', headers, body }))).text();
    if (text.includes('<fault>')) throw new Error(`${method}(${values.join(', ')}): ${text.slice(0, 500)}`);
    return text;
  };
}

/** `lavacli jobs wait` looks so often, unless it is told otherwise. */
export const WAIT_SECONDS = 5;

/** One look of it. */
export function lookOfLavacli(master: Master): (job: number) => Promise<number> {
  const call = caller(master);
  return async (job) => {
    await call('scheduler.jobs.show', job);
    return 1;
  };
}

/** SQUAD 1.89 by XML-RPC: details, suites, the cases of each suite 500 a call, the whole log. */
export function squadByXmlRpc(master: Master): Way {
  const call = caller(master);
  return {
    name: "SQUAD's way, XML-RPC",
    async read(job) {
      await call('scheduler.job_details', String(job));
      const suites = await call('results.get_testjob_suites_list_yaml', String(job));
      const names = [...suites.matchAll(/^\s*-?\s*name: (.+)$/gm)].map(([, name = '']) => name.trim());
      let requests = 2;
      for (const name of new Set(names)) {
        for (let offset = 0, more = true; more; offset += 500) {
          const cases = await call('results.get_testsuite_results_yaml', String(job), name, 500, offset);
          requests += 1;
          more = (cases.match(/^\s*-?\s*result: /gm)?.length ?? 0) >= 500;
        }
      }
      await call('scheduler.jobs.logs', String(job));
      return requests + 1;
    },
  };
}

/**
 * A signed-in user: the page of the job with what it asks by itself, its results, each of its suites; or any page, without
 * what a browser keeps.
 */
export async function browser({ url }: Master): Promise<Way & { open(path: string): Promise<string> }> {
  const cookies = new Map<string, string>();
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(new URL(path, url), { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
  const login = 'accounts/login/';
  const form = await (await ask(login)).text();
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(form)?.[1] ?? '';
  const body = new URLSearchParams({
    csrfmiddlewaretoken: token,
    username: 'sync-reader',
    password: 'lab-sync-reader',
  });
  const signedIn = await ask(login, { method: 'POST', body, headers: { referer: new URL(login, url).href } });
  if (signedIn.status !== 302) throw new Error(`no login: HTTP ${signedIn.status}`);
  const open = async (path: string) => (await good(ask(path))).text();
  return {
    open,
    name: "a browser user's way",
    async read(job) {
      const pages = [
        `scheduler/job/${job}`,
        `scheduler/job/${job}/job_status`,
        `scheduler/job/${job}/log_pipeline_incremental?line=0`,
        `results/${job}`,
      ];
      const texts: string[] = [];
      for (const page of pages) texts.push(await open(page));
      const suites = new Set(texts.at(-1)?.match(new RegExp(`/results/${job}/[^/"?+]+(?=")`, 'g')));
      let requests = pages.length;
      for (const suite of suites) {
        if (/\/(csv|yaml|yaml_summary|metadata)$/.test(suite)) continue;
        await open(suite);
        requests += 1;
      }
      return requests;
    },
  };
}

async function good(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  if (!response.ok) throw new Error(`HTTP ${response.status} at ${response.url}`);
  return response;
}
