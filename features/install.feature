@install @http
Feature: The plugin is installed as any npm package

  Scenario: Packed, installed into an empty Kuzzle application, and called
    Given the plugin is packed by npm
    And an empty Kuzzle application installs the package
    When the application starts
    Then its batchGet tells found from missing
