import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { dependencyOrder } from "../../../src/decide/plan/order.ts";

const names = ["a", "b", "c", "d", "e", "f"];
const graphs = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), { maxLength: 12 });

function orderOf(edges: readonly (readonly [string, string])[]): ReturnType<typeof dependencyOrder> {
  return dependencyOrder(names, (name) => edges.flatMap(([from, to]) => (from === name ? [to] : [])));
}

/** Everything that is reached from a name over one edge or more. */
function reached(edges: readonly (readonly [string, string])[], start: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    for (const [from, to] of edges) {
      if (from !== name || found.has(to)) continue;
      found.add(to);
      visit(to);
    }
  };
  visit(start);
  return found;
}

test("every name comes after what it depends on; left out is what is in a circle or depends on one, and nothing else", () => {
  fc.assert(
    fc.property(graphs, (edges) => {
      const { order } = orderOf(edges);
      for (const [from, to] of edges) {
        if (order.includes(from)) assert.ok(order.indexOf(to) < order.indexOf(from) && order.includes(to));
      }
      const isStuck = (name: string): boolean =>
        [name, ...reached(edges, name)].some((other) => reached(edges, other).has(other));
      assert.equal(
        names.filter((name) => !order.includes(name)),
        names.filter(isStuck),
      );
    }),
  );
});

test("every member of a circle is named in one, and each circle is a way from dependency to dependency and back", () => {
  fc.assert(
    fc.property(graphs, (edges) => {
      const { circles } = orderOf(edges);
      const members = names.filter((name) => reached(edges, name).has(name));
      assert.equal([...new Set(circles.flat())].toSorted(), members);
      for (const circle of circles) {
        for (const [at, name] of circle.entries()) {
          const next = circle[(at + 1) % circle.length];
          assert.ok(edges.some(([from, to]) => from === name && to === next));
        }
      }
    }),
  );
});

test("without dependencies the order is kept; a module that depends on itself is a circle", () => {
  assert.equal(orderOf([]).order, names);
  assert.equal(orderOf([["a", "a"]]).circles, [["a"]]);
});

test.run();
