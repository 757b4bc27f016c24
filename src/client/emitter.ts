/** Who listens to what, by name. */
export interface Emitter<Events extends object> {
  /** What it returns ends it. A listener that throws is reported, and the others are called all the same. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void;
}

export function createEmitter<Events extends object>(report: (error: unknown) => void): Emitter<Events> {
  // A node may be called `constructor`.
  const listeners: { [Name in keyof Events]?: Set<(event: Events[Name]) => void> } = Object.create(null);
  return {
    on(name, listener) {
      const all = listeners[name] ?? new Set();
      listeners[name] = all;
      // The same function may be given twice; each time is ended by itself.
      const own: typeof listener = (event) => listener(event);
      all.add(own);
      return () => {
        all.delete(own);
        if (all.size === 0 && listeners[name] === all) delete listeners[name];
      };
    },
    emit(name, event) {
      for (const listener of new Set(listeners[name])) {
        try {
          listener(event);
        } catch (error) {
          report(error);
        }
      }
    },
  };
}
