Feature: mUpdate loses nothing when many clients update the same documents

  The large run of this is npm run test:contention.

  Background:
    Given an empty collection "library:race"

  Scenario: [U2] With enough retries every update is applied, once and in order
    When 8 clients each update all of 20 documents in "library:race" 10 times, with retryOnConflict 1000
    Then every update is acknowledged
    And each acknowledged update is a version of its document, and each client's are in order
    And attempts and conflicts are what the engine has counted

  Scenario: [U2] [R9] Without retries each conflict is an error, and the rest is applied
    When 8 clients each update all of 20 documents in "library:race" 10 times, with retryOnConflict 0
    Then updates that are not acknowledged are retryable conflicts
    And each acknowledged update is a version of its document, and each client's are in order
    And attempts and conflicts are what the engine has counted
