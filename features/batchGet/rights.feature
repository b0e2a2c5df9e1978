Feature: batchGet never shows what its user may not read

  Background:
    Given documents in "library:books":
      """
      dune: { kind: book }
      """
    And documents in "library:films":
      """
      dune: { kind: film }
      alien: { kind: film }
      """
    And "reader" may only:
      | batch:batchGet |               |
      | document:mGet  | library:books |

  Scenario: [R5] A user may read where the native action allows it
    Given I am reader
    When I batchGet from "library:books":
      """
      ids: [dune]
      """
    Then the result matches:
      """
      documents: [{ _id: dune }]
      """

  Scenario Outline: [R5] A collection without the native right is rejected, whether it exists or not: <collection>
    Given I am reader
    When I batchGet from "library:<collection>":
      """
      ids: [dune]
      """
    Then it is rejected with 403 "security.rights.forbidden"

    Examples:
      | collection |
      | films      |
      | ghosts     |
      | boo*       |

  Scenario Outline: [R5] One of several collections without the right fails the request: <collection>
    Given I am reader
    When I batchGet from "library":
      """
      documents: [{ _id: dune, collection: books }, { _id: dune, collection: "<collection>" }]
      """
    Then it is rejected with 403 "security.rights.forbidden"

    Examples:
      | collection  |
      | films       |
      | ghosts      |
      | books,films |

  Scenario: [R5] A batchGet of the whole index searches only what the user may read
    Given the engine's index behind "library:films" is closed
    And I am reader
    When I batchGet from "library":
      """
      ids: [dune, alien]
      """
    Then the result matches:
      """
      documents: [{ _id: dune, collection: books, _source: { kind: book } }]
      not_found: [alien]
      errors: []
      """

  Scenario: [R5] If the user may read no collection of the index, the request is rejected
    Given an empty collection "archive:letters"
    And I am reader
    When I batchGet from "archive":
      """
      ids: [dune]
      """
    Then it is rejected with 403 "security.rights.forbidden"

  Scenario: [R5] An unknown index is rejected like one without rights
    Given I am reader
    When I batchGet from "nolibrary":
      """
      ids: [dune]
      """
    Then it is rejected with 403 "security.rights.forbidden"

  Scenario: [R5] A user restricted to an index reads all its collections, and no other's
    Given documents in "archive:letters":
      """
      dune: { kind: letter }
      """
    And "librarian" may only:
      | batch:batchGet |         |
      | document:mGet  | library |
    And I am librarian
    When I batchGet from "library":
      """
      ids: [alien, dune]
      """
    Then the result matches:
      """
      documents: [{ _id: alien }, { _id: dune }, { _id: dune }]
      """
    When I batchGet from "archive:letters":
      """
      ids: [dune]
      """
    Then it is rejected with 403 "security.rights.forbidden"

  Scenario Outline: [R5] The action's own right is not enough: <place>
    Given "visitor" may only:
      | batch:batchGet |
    And I am visitor
    When I batchGet from "<place>":
      """
      ids: [dune]
      """
    Then it is rejected with 403 "security.rights.forbidden"

    Examples:
      | place          |
      | library        |
      | library:books  |
      | library:ghosts |

  Scenario: [R5] The native right is not enough
    Given "native" may only:
      | document:mGet |
    And I am native
    When I batchGet from "library:books":
      """
      ids: [dune]
      """
    Then it is rejected with 403 "security.rights.forbidden"

  Scenario: [R5] Rights on the action itself can be restricted, too
    Given "keeper" may only:
      | batch:batchGet | library:books |
      | document:mGet  |               |
    And I am keeper
    When I batchGet from "library:films":
      """
      ids: [dune]
      """
    Then it is rejected with 403 "security.rights.forbidden"

  Scenario: [R5] Anonymous without the action's right is asked to log in
    Given I am anonymous
    When I batchGet from "library:books":
      """
      ids: [dune]
      """
    Then it is rejected with 401 "security.rights.unauthorized"

  Scenario Outline: [R5] Anonymous without the native right is asked to log in: <place>
    Given anonymous may only:
      | batch:batchGet |
    And I am anonymous
    When I batchGet from "<place>":
      """
      ids: [dune]
      """
    Then it is rejected with 401 "security.rights.unauthorized"

    Examples:
      | place          |
      | library        |
      | library:books  |
      | library:ghosts |

  Scenario: [R5] Anonymous with both rights reads
    Given anonymous may only:
      | batch:batchGet |
      | document:mGet  |
    And I am anonymous
    When I batchGet from "library:books":
      """
      ids: [dune]
      """
    Then the result matches:
      """
      documents: [{ _id: dune }]
      """
