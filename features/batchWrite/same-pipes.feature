@pipes
Feature: Pipes of the native actions cannot tell batchWrite from these

  Background:
    Given two collections with the same documents:
      """
      dune: { genre: novel, stock: 3, author: { name: Herbert } }
      emma: { genre: novel, stock: 1 }
      maps: { genre: atlas, stock: 1 }
      """
    And the application's pipes for:
      | recording |

  Scenario: [R6] They receive the same requests, documents and results in the same order
    When both are written by the operations:
      """
      - - create: { _id: iliad, body: { genre: epic, stock: 2 } }
      - - create: { _id: dune, body: { genre: novel } }
      - - createOrReplace: { _id: emma, body: { genre: atlas, stock: 5 } }
      - - createOrReplace: { _id: aeneid, body: { genre: epic } }
      - - replace: { _id: dune, body: { genre: novel, stock: 1 } }
      - - replace: { _id: nowhere, body: { genre: novel } }
      - - write: { _id: maps, body: { genre: novel, stock: 9 } }
      - - write: { _id: atlas, body: { genre: novel } }
      - - update: { _id: iliad, body: { genre: novel, author: { name: Homer } } }
      - - update: { _id: nowhere, body: { genre: novel } }
      - - upsert: { _id: iliad, changes: { stock: 0 }, default: { genre: never } }
      - - upsert: { _id: fresh, changes: { stock: 7 }, default: { genre: novel } }
      - - delete: { _id: iliad }
      - - delete: { _id: nowhere }
      """
    Then the application's pipes have seen the same of both
