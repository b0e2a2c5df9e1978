Feature: Subscribers cannot distinguish mUpdate from the native action

  Background:
    Given two collections with the same documents:
      """
      dune: { genre: novel, stock: 3, author: { name: Herbert } }
      emma: { genre: novel, stock: 1 }
      maps: { genre: atlas, stock: 1 }
      """

  Scenario: [U1] [U3] Documents enter and leave the scope of filters
    Given on both of them subscribers with the filters:
      | everybody | {}                          |
      | reader    | { equals: { genre: novel } } |
      | buyer     | { range: { stock: { gte: 2 } } } |
      | critic    | { exists: author.born }     |
      | collector | { not: { equals: { genre: novel } } } |
      | other     | { ids: { values: [nowhere] } } |
    When both are updated by requests with the bodies:
      """
      - documents:
          - { _id: dune, body: { stock: 2 } }
          - { _id: maps, body: { stock: 2 } }
      - documents: [{ _id: dune, body: { genre: atlas, author: { born: 1920, died: 1986 } } }]
      - documents: [{ _id: dune, body: { stock: 0 } }]
      - documents:
          - { _id: nowhere, body: { stock: 5 } }
          - { _id: emma, body: { author: { name: Austen, born: null }, tags: [], note: {} } }
          - { _id: dune, body: { genre: novel, author: { born: null } } }
      """
    Then all subscribers were notified of the same by both, field for field
    And reader was notified by us of:
      """
      - { scope: in, result: { _id: dune, _version: 2, _updatedFields: [stock], _source: { genre: novel } } }
      - { scope: out, result: { _id: dune, _version: 3, _updatedFields: [genre, author.born, author.died] } }
      - { scope: in, result: { _id: emma, _updatedFields: [author.name, author.born, tags] } }
      - { scope: in, result: { _id: dune, _version: 5, _updatedFields: [genre, author.born] } }
      """
    And buyer was notified by us of:
      """
      - { scope: in, result: { _id: dune } }
      - { scope: in, result: { _id: maps } }
      - { scope: in, result: { _id: dune } }
      - { scope: out, result: { _id: dune, _source: { stock: 0 } } }
      """
    And other was notified by us of:
      """
      []
      """

  # Older ones keep what is in the caller's own metadata; mUpdate drops it on all of them.
  @since-kuzzle-2.49
  Scenario: [U1] Metadata that the caller sends is dropped by both
    Given on both of them subscribers with the filters:
      | everybody | {} |
    When both are updated by requests with the bodies:
      """
      - documents: [{ _id: dune, body: { stock: 2, _kuzzle_info: { author: me } } }]
      """
    Then all subscribers were notified of the same by both, field for field

  Scenario: [U1] Only _updatedFields differs for an id sent twice: it follows each body, natively the last one
    Given on both of them subscribers with the filters:
      | everybody | {}                          |
      | reader    | { equals: { genre: novel } } |
    When both are updated by requests with the bodies:
      """
      - documents:
          - { _id: dune, body: { stock: 2 } }
          - { _id: emma, body: { genre: letters } }
          - { _id: dune, body: { genre: atlas } }
      """
    Then all subscribers were notified of the same by both, except for _updatedFields
    And everybody was notified by us of:
      """
      - { result: { _id: dune, _version: 2, _updatedFields: [stock], _source: { stock: 2, genre: novel } } }
      - { result: { _id: emma, _updatedFields: [genre] } }
      - { result: { _id: dune, _version: 3, _updatedFields: [genre], _source: { stock: 2, genre: atlas } } }
      """

  Scenario: [U1] A document that left a filter while nobody listened does not leave it again
    Given on both of them subscribers with the filters:
      | reader | { equals: { genre: novel } } |
    When both are updated by requests with the bodies:
      """
      - documents: [{ _id: dune, body: { stock: 2 } }]
      """
    And reader leaves both
    And both are updated by requests with the bodies:
      """
      - documents: [{ _id: dune, body: { genre: atlas } }]
      """
    And reader comes back with the filter:
      """
      { equals: { genre: novel } }
      """
    And both are updated by requests with the bodies:
      """
      - documents: [{ _id: dune, body: { stock: 1 } }]
      """
    Then all subscribers were notified of the same by both, field for field
