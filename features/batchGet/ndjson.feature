Feature: batchGet streams lines over HTTP

  Background:
    Given documents in "library:books":
      """
      dune: { title: Dune, author: Herbert }
      emma: { title: Emma, author: Austen }
      """
    And documents in "library:films":
      """
      dune: { title: Dune, director: Lynch }
      """

  @http
  Scenario: [G5] [R1] Each line has its type, and the last one the stats
    When I read the lines of "/_/batch/library/books/_batchGet?format=ndjson":
      """
      ids: [emma, nowhere, "", dune, emma]
      """
    Then the lines are:
      """
      - { type: error, error: { _id: "", position: 2, status: 400, code: invalid, retryable: false } }
      - { type: document, document: { _id: emma, index: library, collection: books, _source: { title: Emma }, _version: 1, _seq_no: !integer , _primary_term: !integer } }
      - { type: document, document: { _id: dune } }
      - { type: not_found, not_found: nowhere }
      - { type: stats, stats: { requested: 5, unique: 4, duplicates: 1, found: 2, notFound: 1, errors: 1 } }
      """

  @http
  Scenario: [G5] [G2] The whole index can be streamed as well, with a mask
    When I read the lines of "/_/batch/library/_batchGet?format=ndjson&source=title":
      """
      documents: [{ _id: emma }, { _id: emma, collection: films }, { _id: dune, collection: films }]
      """
    Then the lines are:
      """
      - { type: document, document: { _id: emma, collection: books, _source: { title: Emma, author: !absent } } }
      - { type: document, document: { _id: dune, collection: films, _source: { director: !absent } } }
      - { type: not_found, not_found: { _id: emma, collection: films } }
      - { type: stats, stats: { found: 2, notFound: 1 } }
      """

  @http
  Scenario: [G5] [R2] A failure of the engine is a line of its own
    Given the engine's index behind "library:films" is closed
    When I read the lines of "/_/batch/library/_batchGet?format=ndjson":
      """
      ids: [dune, nowhere]
      """
    Then the lines are:
      """
      - { type: document, document: { _id: dune, collection: books } }
      - { type: error, error: { _id: dune, collection: films, position: 0, code: unavailable } }
      - { type: error, error: { _id: nowhere, collection: films, position: 1, code: unavailable } }
      - { type: stats, stats: { found: 1, notFound: 0, errors: 2 } }
      """

  @http
  Scenario Outline: [G5] [R4] An invalid request is rejected before a line is sent: <query>
    When I POST "/_/batch/library/<collection>/_batchGet?<query>" over HTTP:
      """
      ids: [dune]
      """
    Then it is rejected with <status> naming "<naming>"

    Examples:
      | collection | query                | status | naming |
      | books      | format=ndjson&strict | 400    | strict |
      | books      | format=csv           | 400    | format |
      | ghosts     | format=ndjson        | 412    | ghosts |

  @messages
  Scenario: [G5] [R11] Only HTTP supports streams
    When I batchGet from "library:books" with { format: ndjson }:
      """
      ids: [dune]
      """
    Then it is rejected with 400 naming "format"

  @http @pipes
  Scenario: [G5] [R6] Pipes also apply to a stream
    Given documents in "library:piped":
      """
      mine: { owner: features-admin, secret: mine }
      theirs: { owner: somebody, secret: theirs }
      hidden: { owner: features-admin, hidden: true }
      """
    And the application's pipes for:
      | generic reading |
    When I read the lines of "/_/batch/library/piped/_batchGet?format=ndjson&source=secret":
      """
      ids: [hidden, theirs, mine]
      """
    Then the lines are:
      """
      - { type: document, document: { _id: theirs, _source: { secret: masked, owner: !absent } } }
      - { type: document, document: { _id: mine, _source: { secret: mine } } }
      - { type: error, error: { _id: hidden, position: 0, status: 403, code: forbidden } }
      - { type: stats, stats: { found: 2, errors: 1 } }
      """
