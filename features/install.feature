@install @http
Feature: The plugin is installed as any npm package

  Scenario: Packed, installed into the example application, and called
    Given the plugin is packed by npm
    And the example "bookshop" installs the package
    When the application starts
    Then its program "sell.js" prints:
      """
      2 books in the shop
      sold: Dune
      not in the shop: moby-dick
      """
