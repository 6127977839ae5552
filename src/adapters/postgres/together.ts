/** What is asked in one turn of the event loop is asked together, each getting its own answer. */
import process from 'node:process';

interface Asked<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** `askAll` answers in the order of the questions. */
export function together<Question, Answer>(
  askAll: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  let waiting: Asked<Question, Answer>[] = [];

  async function send(): Promise<void> {
    const asked = waiting;
    waiting = [];
    try {
      const answers = await askAll(asked.map(({ question }) => question));
      if (answers.length !== asked.length) throw new Error('fewer answers than questions');
      for (const [index, answer] of answers.entries()) asked[index]?.resolve(answer);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }

  return (question) =>
    new Promise((resolve, reject) => {
      // Runs when every promise that is settled by now has been heard.
      if (waiting.length === 0) process.nextTick(() => void send());
      waiting.push({ question, resolve, reject });
    });
}
