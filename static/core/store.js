/**
 * One store per app: what happened goes in, a reducer makes the next state, views draw it. Knows nothing of what the state means.
 */
export class Store {
  #state;
  #reducer;
  #followers = new Set();

  /**
   * @param {(state: object, happening: object) => object} reducer pure; returns the same object if nothing changed
   * @param {object} state the first state
   */
  constructor(reducer, state) {
    this.#reducer = reducer;
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  dispatch(happening) {
    const next = this.#reducer(this.#state, happening);
    if (next === this.#state) return;
    const before = this.#state;
    this.#state = next;
    for (const follower of [...this.#followers]) follower(next, before);
  }

  /** Calls `follower(state, before)` after each change. Returns the function that ends it. */
  subscribe(follower) {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}

/** A reducer from a table: `{ "what happened": (state, happening) => state }`. What is not in the table changes nothing. */
export function reducerOf(table) {
  return (state, happening) => (Object.hasOwn(table, happening.type) ? table[happening.type](state, happening) : state);
}
