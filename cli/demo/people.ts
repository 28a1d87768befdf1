/** What people of the demo know and say: entered through the API, as anybody would, once all jobs are read. */
import { setTimeout } from 'node:timers/promises';

const ISSUES = [
  {
    title: 'must-fail of smoke fails on purpose',
    rule: { suite: 'smoke', name: 'must-fail' },
    culprit: 'TEST',
    intermittent: false,
  },
  {
    title: 'boards do not come to the prompt of their bootloader',
    rule: { errorPattern: 'bootloader-interrupt timed out after' },
    culprit: 'BOARD',
    intermittent: true,
  },
];
const WAIT_MS = 500;

type Ask = <Data>(query: string, variables?: object) => Promise<Data>;
type Failing = { jobs: { nodes: { id: string; testCases: { nodes: { id: string; name: string }[] } }[] } };

/** Enters issues, a note, and a result that is left out; resolves when every stored job was held against the issues. */
export async function enterWhatPeopleSay(url: string, token: string): Promise<void> {
  const ask: Ask = async (query, variables = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = JSON.parse(await response.text());
    if (errors) throw new Error(`the demo cannot ask its API: ${JSON.stringify(errors)}`);
    return data;
  };
  const change = async (field: string, type: string, input: object) => {
    const query = `mutation ($input: ${type}!) { done: ${field}(input: $input) { userErrors { field message } } }`;
    const { done } = await ask<{ done: { userErrors: object[] } }>(query, { input });
    if (done.userErrors.length > 0)
      throw new Error(`${field} of the demo was refused: ${JSON.stringify(done.userErrors)}`);
  };
  for (const issue of ISSUES) await change('saveKnownIssue', 'SaveKnownIssueInput', issue);
  const { jobs } = await ask<Failing>(
    '{ jobs(first: 1, filter: { hasFailures: true }) { nodes { id testCases(first: 1, result: [FAIL]) { nodes { id name } } } } }',
  );
  for (const { id, testCases } of jobs.nodes) {
    await change('addNote', 'AddNoteInput', {
      about: id,
      text: 'Whoever looks at this job: the demo wrote this note through the API.',
    });
    const input = {
      testCases: testCases.nodes.map((one) => one.id),
      reason: 'left out by the demo, to show what that looks like',
    };
    await change('omitResults', 'OmitResultsInput', input);
  }
  const isBeingHeld = async () => {
    const { knownIssues } = await ask<{ knownIssues: { nodes: { isBeingHeld: boolean }[] } }>(
      '{ knownIssues { nodes { isBeingHeld } } }',
    );
    return knownIssues.nodes.some((issue) => issue.isBeingHeld);
  };
  while (await isBeingHeld()) await setTimeout(WAIT_MS);
}
