/** What a check can come to besides "it holds". Knows nothing of files. */

/** Something is not as it was sealed: `where` (an entry, a file), and what is wrong with it. */
export class Broken extends Error {
  constructor(where, problem) {
    super(`${where}: ${problem}`);
    this.where = where;
    this.problem = problem;
  }
}

/** This is nothing that can be checked here; the sentence says why. */
export class Unreadable extends Error {}
