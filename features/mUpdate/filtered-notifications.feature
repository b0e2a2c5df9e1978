Feature: mUpdate notifies subscribers with a filter

  Scenario: [U1] [U3] A filter sees fields that the update did not send
    Given documents in "library:books":
      """
      dune: { genre: novel, stock: 3 }
      emma: { genre: novel, stock: 3 }
      maps: { genre: atlas, stock: 3 }
      """
    And a client is subscribed to "library:books" with the filter:
      """
      equals: { genre: novel }
      """
    When I mUpdate in "library:books":
      """
      documents:
        - { _id: dune, body: { stock: 2 } }
        - { _id: maps, body: { stock: 2 } }
        - { _id: emma, body: { stock: 2 } }
      """
    Then the subscriber is notified of:
      """
      - { scope: in, result: { _id: dune, _updatedFields: [stock], _source: { genre: novel, stock: 2 } } }
      - { scope: in, result: { _id: emma } }
      """
