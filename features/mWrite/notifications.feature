Feature: mWrite notifies subscribers on request

  Background:
    Given a client is subscribed to "library:books"

  Scenario Outline: [R4] Notify as <notify> sends what was written
    When I mWrite to "library:books" with { notify: <notify> }:
      """
      documents:
        - { _id: dune, body: { title: Dune } }
        - { _id: bad, body: [] }
        - { _id: emma, body: { title: Emma } }
      """
    Then the subscriber is notified of:
      """
      - { type: document, event: write, scope: in, index: library, collection: books, result: { _id: dune, _source: { title: Dune } } }
      - { event: write, result: { _id: emma, _source: { title: Emma } } }
      """

    Examples:
      | notify |
      | true   |
      | "true" |
      | ""     |

  Scenario: The notification has the source even if the response does not
    When I mWrite to "library:books" with { notify: true, source: false }:
      """
      documents: [{ _id: dune, body: { title: Dune } }]
      """
    Then the subscriber is notified of:
      """
      - { event: write, result: { _id: dune, _source: { title: Dune } } }
      """

  Scenario Outline: [R4] <arguments> sends nothing
    When I mWrite to "library:books" with <arguments>:
      """
      documents: [{ _id: dune, body: { title: Dune } }]
      """
    Then the subscriber is not notified

    Examples:
      | arguments           |
      | {}                  |
      | { notify: false }   |
      | { notify: "false" } |

  Scenario: The notifications are the native ones
    Given documents in "library:natives":
      """
      emma: { title: Emma, edition: first }
      """
    And "library:books" is then overwritten with:
      """
      emma: { title: Emma, edition: first }
      """
    When I mWrite to "library:books" with { notify: true }:
      """
      documents:
        - { _id: dune, body: { title: Dune } }
        - { _id: emma, body: { title: Emma } }
      """
    Then native "bulk:mWrite" of the same in "library:natives" notifies the same, field for field

  Scenario: A strict batch that was stopped sends no notifications
    When I mWrite to "library:books" with { notify: true, strict: true }:
      """
      documents: [{ _id: dune, body: { title: Dune } }, { _id: bad, body: [] }]
      """
    Then it is rejected with 400 and the errors:
      """
      - { position: 1, code: invalid }
      """
    And the subscriber is not notified
