@pipes
Feature: Pipes on native reading run for batchGet, too

  Background:
    Given documents in "library:piped":
      """
      mine: { owner: features-admin, secret: mine, phone: "1" }
      theirs: { owner: somebody, secret: theirs, phone: "2" }
      hidden: { owner: features-admin, hidden: true, secret: hidden, phone: "3" }
      private-1: { owner: features-admin, secret: private, phone: "4" }
      """
    And documents in "library:open":
      """
      theirs: { owner: somebody, secret: open }
      hidden: { owner: somebody, hidden: true }
      """

  Scenario: [R6] A pipe masks and removes documents, which is reported
    Given the application's pipes for:
      | generic reading |
    When I batchGet from "library:piped":
      """
      ids: [hidden, mine, nowhere, theirs, private-1]
      """
    Then the result matches:
      """
      documents:
        - { _id: mine, index: library, collection: piped, _source: { secret: mine }, _version: 1, _seq_no: !integer }
        - { _id: theirs, _source: { secret: masked, owner: somebody } }
      not_found: [nowhere]
      errors:
        - { _id: hidden, position: 0, status: 403, code: forbidden, retryable: false }
        - { _id: private-1, position: 4, status: 403, code: forbidden, retryable: false }
      """

  Scenario: [R6] A pipe decides by a field that was not requested
    Given the application's pipes for:
      | generic reading |
    When I batchGet from "library:piped" with { source: [secret] }:
      """
      ids: [theirs, hidden, mine]
      """
    Then the result matches:
      """
      documents: [{ _id: theirs }, { _id: mine }]
      errors: [{ _id: hidden, position: 1, code: forbidden }]
      """
    And the result's "documents[0]._source" is exactly:
      """
      { secret: masked }
      """
    And the result's "documents[1]._source" is exactly:
      """
      { secret: mine }
      """

  Scenario Outline: [R6] A pipe decides whatever part of the source is requested: <arguments>
    Given the application's pipes for:
      | generic reading |
    When I batchGet from "library:piped" with <arguments>:
      """
      ids: [theirs, hidden, mine]
      """
    Then the result matches:
      """
      documents: [{ _id: theirs, _source: <source> }, { _id: mine }]
      errors: [{ _id: hidden, code: forbidden }]
      """

    Examples:
      | arguments                           | source                             |
      | { source: false }                   | !absent                            |
      | { sourceExcludes: [owner, hidden] } | { secret: masked, owner: !absent } |

  Scenario: [R6] In a whole-index batchGet each collection has its own pipe
    Given the application's pipes for:
      | generic reading |
    When I batchGet from "library":
      """
      documents:
        - { _id: theirs, collection: open }
        - { _id: theirs, collection: piped }
        - { _id: hidden, collection: open }
        - { _id: hidden, collection: piped }
      """
    Then the result matches:
      """
      documents:
        - { _id: theirs, collection: open, _source: { secret: open } }
        - { _id: theirs, collection: piped, _source: { secret: masked } }
        - { _id: hidden, collection: open }
      errors: [{ _id: hidden, collection: piped, position: 3, code: forbidden }]
      """

  Scenario Outline: [R6] For an id looked up everywhere, the pipe of the collection that has it decides: <arguments>
    Given the application's pipes for:
      | generic reading |
    When I batchGet from "library" with <arguments>:
      """
      ids: [theirs, hidden, nowhere]
      """
    Then the result matches:
      """
      documents:
        - { _id: theirs, collection: piped, _source: <piped> }
        - { _id: theirs, collection: open, _source: <open> }
        - { _id: hidden, collection: open }
      not_found: [nowhere]
      errors: [{ _id: hidden, collection: piped, position: 1, code: forbidden }]
      """

    Examples:
      | arguments          | piped            | open             |
      | { source: true }   | { secret: masked } | { secret: open } |
      | { source: secret } | { secret: masked, owner: !absent } | { secret: open, owner: !absent } |
      | { source: phone }  | { secret: !absent, phone: "2" } | { secret: !absent } |
      | { source: false }  | !absent            | !absent          |

  Scenario Outline: [R6] A pipe on all after events decides as well: <arguments>
    Given the application's pipes for:
      | wildcard reading |
    When I batchGet from "library:piped" with <arguments>:
      """
      ids: [mine, hidden]
      """
    Then the result matches:
      """
      documents: [{ _id: mine, _source: <source> }]
      errors: [{ _id: hidden, position: 1, status: 403, code: forbidden }]
      """

    Examples:
      | arguments             | source                            |
      | { source: true }      | { secret: mine, phone: masked }   |
      | { source: "pho*" }    | { secret: !absent , phone: masked } |
      | { source: [secret] }  | { secret: mine, phone: !absent }  |
      | { source: false }     | !absent                           |

  Scenario: [R6] The native action's own pipes run after the generic ones
    Given the application's pipes for:
      | native reading  |
      | generic reading |
    When I batchGet from "library:piped":
      """
      ids: [hidden, theirs, mine]
      """
    Then the result matches:
      """
      documents:
        - { _id: theirs, _source: { secret: masked, phone: masked } }
        - { _id: mine, _source: { secret: mine, phone: masked } }
      errors: [{ _id: hidden, code: forbidden }]
      """

  Scenario Outline: [R6] A pipe that only sees ids can remove documents as well: <place>
    Given the application's pipes for:
      | reading ids |
    When I batchGet from "<place>":
      """
      ids: [private-1, theirs, nowhere, mine]
      """
    Then the result matches:
      """
      documents:
        - { _id: theirs, collection: piped, _source: { secret: theirs, phone: "2" } }
        <others>
        - { _id: mine, _source: { secret: mine } }
      not_found: [nowhere]
      errors: [{ _id: private-1, collection: piped, position: 0, status: 403, code: forbidden }]
      """

    Examples:
      | place           | others                                                         |
      | library:piped |                                                                |
      | library         | - { _id: theirs, collection: open, _source: { secret: open } } |

  Scenario: [R6] [G4] A document that a pipe removed makes a strict request incomplete
    Given the application's pipes for:
      | native reading |
    When I batchGet from "library:piped" with { strict: true }:
      """
      ids: [mine, hidden]
      """
    Then it is rejected with 400 "batch.get.incomplete" and the errors:
      """
      - { _id: hidden, position: 1, status: 403, code: forbidden }
      """

  Scenario: [R6] An error thrown by a pipe is the response, as natively
    Given the application's pipes for:
      | native reading |
    When I batchGet from "library:piped":
      """
      ids: [mine, rejected-by-pipe]
      """
    Then it is rejected with 403 "features.pipe.rejected"

  Scenario: [R6] A pipe that adds documents is an error of the application
    Given the application's pipes for:
      | adding documents |
    When I batchGet from "library:piped":
      """
      ids: [mine]
      """
    Then it is rejected with 500 naming "generic:document:afterGet"

  Scenario: [R6] Without pipes nothing is masked
    When I batchGet from "library:piped":
      """
      ids: [theirs, hidden]
      """
    Then the result matches:
      """
      documents: [{ _id: theirs, _source: { secret: theirs } }, { _id: hidden }]
      """
