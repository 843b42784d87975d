namespace SlimtaFast.Lookup.Tests;

public sealed class AddressLookupTests
{
    private static readonly AddressLookup Lookup = new(new TableLookup(
    [
        KeyValuePair.Create("a@mail.example.org", "address"),
        KeyValuePair.Create("mail.example.org", "domain"),
        KeyValuePair.Create(".example.org", "below"),
        KeyValuePair.Create("postmaster", "bare"),
    ]));

    [Theory]
    [InlineData("a@mail.example.org", "address")]
    [InlineData("b@mail.example.org", "domain")]
    [InlineData("b@deep.mail.example.org", "below")]
    [InlineData("b@example.org", null)]
    [InlineData("b@badexample.org", null)]
    [InlineData("\"x@mail.example.org\"@other.example", null)]
    [InlineData("postmaster", "bare")]
    [InlineData("", null)]
    public async Task Narrowest_entry_counts(string address, string? value) =>
        Assert.Equal(value, await Lookup.FindAsync(address, CancellationToken.None));
}
