using SlimtaFast.Lookup;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Tests.Auth;

public sealed class LookupCredentialStoreTests
{
    [Fact]
    public async Task User_is_found_by_name_and_a_stranger_is_nobody()
    {
        var store = new LookupCredentialStore(new TableLookup(new Dictionary<string, string> { ["alice"] = ScramVerifier.Create("secret").ToString() }));
        Credential? alice = await store.FindAsync("Alice", CancellationToken.None);
        Assert.True(alice!.Verifier!.Matches("secret"));
        Assert.False(alice.Verifier.Matches("wrong"));
        Assert.Null(await store.FindAsync("bob", CancellationToken.None));
    }

    [Fact]
    public async Task Value_that_is_no_hash_is_a_failure_that_does_not_show_it()
    {
        var store = new LookupCredentialStore(new TableLookup(new Dictionary<string, string> { ["alice"] = "clear-text" }));
        var failure = await Assert.ThrowsAsync<LookupException>(async () => await store.FindAsync("alice", CancellationToken.None));
        Assert.DoesNotContain("clear-text", failure.Message, StringComparison.Ordinal);
    }
}
