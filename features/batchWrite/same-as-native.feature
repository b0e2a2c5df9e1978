Feature: batchWrite cannot be distinguished from the native actions

  Background:
    Given two collections with the same documents:
      """
      dune: { genre: novel, stock: 3, author: { name: Herbert } }
      emma: { genre: novel, stock: 1 }
      maps: { genre: atlas, stock: 1 }
      """

  Scenario: [M1] Documents, versions, errors and notifications are those of the native actions
    Given on both of them subscribers with the filters:
      | everybody | {}                                    |
      | reader    | { equals: { genre: novel } }          |
      | buyer     | { range: { stock: { gte: 2 } } }      |
      | collector | { not: { equals: { genre: novel } } } |
    When both are written by the operations:
      """
      - - create: { _id: iliad, body: { genre: epic, stock: 2 } }
      - - create: { _id: dune, body: { genre: novel } }
      - - createOrReplace: { _id: emma, body: { genre: atlas, stock: 5 } }
      - - createOrReplace: { _id: aeneid, body: { genre: epic } }
      - - replace: { _id: dune, body: { genre: novel, stock: 1 } }
      - - replace: { _id: nowhere, body: { genre: novel } }
      - - write: { _id: maps, body: { genre: novel, stock: 9 } }
      - - update: { _id: iliad, body: { genre: novel, author: { name: Homer } } }
      - - update: { _id: nowhere, body: { genre: novel } }
      - - upsert: { _id: iliad, changes: { stock: 0 }, default: { genre: never } }
      - - upsert: { _id: fresh, changes: { stock: 7 }, default: { genre: novel } }
      - - delete: { _id: iliad }
      - - delete: { _id: nowhere }
      - - delete: { _id: emma }
      - - create: { _id: emma, body: { genre: novel } }
      """
    Then both store the same, and had the same errors
    And all subscribers were notified of the same by both, field for field

  # Older ones keep what is in the caller's own metadata; batchWrite drops it on all of them.
  @since-kuzzle-2.49
  Scenario: [M1] Metadata that the caller sends is dropped by both
    Given on both of them subscribers with the filters:
      | everybody | {} |
    When both are written by the operations:
      """
      - - create: { _id: odyssey, body: { genre: novel, _kuzzle_info: { author: me } } }
      - - upsert: { _id: plain, changes: { stock: 7, _kuzzle_info: { author: me } } }
      """
    Then both store the same, and had the same errors
    And all subscribers were notified of the same by both, field for field

  Scenario: [M1] [M2] Notifications of one document arrive in order, whatever the operations
    Given on both of them subscribers with the filters:
      | reader | { ids: { values: [dune] } } |
    When both are written by the operations:
      """
      - - delete: { _id: dune }
        - create: { _id: dune, body: { genre: novel, stock: 1 } }
        - update: { _id: dune, body: { stock: 2 } }
        - delete: { _id: emma }
        - update: { _id: dune, body: { stock: 3 } }
        - replace: { _id: dune, body: { genre: atlas } }
        - upsert: { _id: dune, changes: { stock: 4 } }
        - create: { _id: emma, body: {} }
        - delete: { _id: dune }
        - upsert: { _id: dune, changes: { stock: 5 } }
      """
    Then both store the same, and had the same errors
    And all subscribers were notified of the same by both, field for field

  Scenario: [M1] Nobody is notified when the request is silent
    Given a client is subscribed to "library:ours"
    When I batchWrite to "library:ours" with { silent: true }:
      """
      operations:
        - create: { _id: iliad, body: {} }
        - delete: { _id: dune }
      """
    Then the subscriber is not notified
