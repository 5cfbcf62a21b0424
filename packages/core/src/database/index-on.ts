/** An index that MikroORM has no words for, as the migration makes it, so that the two can be held against each other. */
export interface ExpressionIndex {
  name: string
  expression: string
}

/**
 * Says which indexes a table has beside those of its properties.
 *
 * @param indexes by name: columns, and what follows them
 */
export function indexesOn(table: string, indexes: Record<string, string>): ExpressionIndex[] {
  return Object.entries(indexes).map(([name, columns]) => ({
    name,
    expression: `create index "${name}" on "${table}" ${columns}`,
  }))
}
