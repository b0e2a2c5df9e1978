Feature: mUpdate notifies as the native action does

  Background:
    Given documents in "library:books":
      """
      dune: { title: Dune, stock: 3 }
      emma: { title: Emma, stock: 1 }
      """
    And a client is subscribed to "library:books"

  Scenario: [U1] Each update reports the fields it changed, even for an id sent twice
    When I mUpdate in "library:books":
      """
      documents:
        - { _id: dune, body: { stock: 2 } }
        - { _id: nowhere, body: { stock: 2 } }
        - { _id: emma, body: { author: { name: Austen } } }
        - { _id: dune, body: { title: Dune Messiah } }
      """
    Then the subscriber is notified of:
      """
      - { type: document, event: write, action: update, result: { _id: dune, _updatedFields: [stock], _version: 2, _source: { title: Dune, stock: 2 } } }
      - { event: write, action: update, result: { _id: emma, _updatedFields: [author.name], _source: { title: Emma, author: { name: Austen } } } }
      - { event: write, action: update, result: { _id: dune, _updatedFields: [title], _version: 3, _source: { title: Dune Messiah, stock: 2 } } }
      """

  Scenario Outline: [R4] Silent as <silent> sends nothing
    When I mUpdate in "library:books" with { silent: <silent> }:
      """
      documents: [{ _id: dune, body: { stock: 2 } }]
      """
    Then the subscriber is not notified

    Examples:
      | silent |
      | true   |
      | "true" |
      | ""     |

  Scenario: [R4] Silent as "false" is not silent
    When I mUpdate in "library:books" with { silent: "false" }:
      """
      documents: [{ _id: dune, body: { stock: 2 } }]
      """
    Then the subscriber is notified of:
      """
      - { event: write, action: update, result: { _id: dune } }
      """

  Scenario: [U4] Updates of a failed strict batch are notified
    When I mUpdate in "library:books" with { strict: true }:
      """
      documents: [{ _id: nowhere, body: { stock: 2 } }, { _id: dune, body: { stock: 2 } }]
      """
    Then it is rejected with 400 "batch.update.incomplete"
    And the subscriber is notified of:
      """
      - { event: write, action: update, result: { _id: dune, _updatedFields: [stock] } }
      """

  Scenario: [U1] The notifications are the native ones
    Given documents in "library:natives":
      """
      dune: { title: Dune, stock: 3 }
      emma: { title: Emma, stock: 1 }
      """
    When I mUpdate in "library:books":
      """
      documents:
        - { _id: dune, body: { stock: 2 } }
        - { _id: emma, body: { title: Emma, author: { name: Austen } } }
      """
    Then native "document:mUpdate" of the same in "library:natives" notifies the same, field for field
