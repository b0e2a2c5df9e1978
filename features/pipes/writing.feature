@pipes
Feature: Pipes on native writing run for mWrite and mUpdate, too

  Background:
    Given documents in "library:piped":
      """
      dune: { title: Dune, secret: sand, phone: "1", stock: 3 }
      private-1: { title: Diary, stock: 1 }
      """

  Scenario: [R6] bulk:beforeMWrite and bulk:afterMWrite see and change what mWrite does
    Given the application's pipes for:
      | writing |
    When I mWrite to "library:piped":
      """
      documents:
        - { _id: emma, body: { secret: love } }
        - { _id: ulysses, body: { title: Ulysses } }
      """
    Then the result matches:
      """
      successes:
        - { _id: emma, created: true, position: 0, _source: { secret: masked, checked: true } }
        - { _id: ulysses, position: 1, _source: { title: Ulysses, checked: true } }
      errors: []
      """
    And "library:piped" stores:
      """
      emma: { secret: love, checked: true }
      """

  Scenario: [R6] An error thrown by a pipe stops the whole batch, as natively
    Given the application's pipes for:
      | writing |
    When I mWrite to "library:piped":
      """
      documents: [{ _id: emma, body: {} }, { _id: ulysses, body: { poison: true } }]
      """
    Then it is rejected with 403 "features.pipe.rejected"
    And "library:piped" stores 2 documents

  Scenario: [R6] A written document that a pipe removed is reported as forbidden
    Given the application's pipes for:
      | writing |
    When I mWrite to "library:piped":
      """
      documents: [{ _id: emma, body: { hidden: true } }, { _id: ulysses, body: {} }]
      """
    Then the result matches:
      """
      successes: [{ _id: ulysses, position: 1 }]
      errors: [{ position: 0, status: 403, code: forbidden }]
      """

  Scenario: [R6] Pipes of native updates see and change what mUpdate does
    Given the application's pipes for:
      | generic updating |
      | native updating  |
    When I mUpdate in "library:piped" with { source: true }:
      """
      documents:
        - { _id: private-1, body: { stock: 0 } }
        - { _id: dune, body: { stock: 2 } }
      """
    Then the result matches:
      """
      successes:
        - _id: dune
          position: 1
          _source: { title: Dune, stock: 2, checked: true, seen: true, secret: masked, phone: masked }
      errors:
        - { document: { _id: private-1 }, position: 0, status: 403, code: forbidden, retryable: false }
      """
    And "library:piped" stores:
      """
      dune: { stock: 2, checked: true, seen: true, secret: sand, phone: "1" }
      private-1: { stock: 1 }
      """

  Scenario: [R6] [U3] An after pipe receives the source even if it was not requested
    Given the application's pipes for:
      | native updating |
    When I mUpdate in "library:piped":
      """
      documents: [{ _id: dune, body: { stock: 2 } }]
      """
    Then the result matches:
      """
      successes: [{ _id: dune, _source: !absent }]
      errors: []
      """
