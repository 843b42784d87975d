using System.Text;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Policies;

/// <summary>The running server with a real spamd.</summary>
public sealed class SpamAssassinTests
{
    // The test text that SpamAssassin knows.
    private const string Gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
    private const string Ham = "X-Spam-Flag: YES\r\nFrom: alice@client.test\r\nTo: bob@ours.test\r\nSubject: lunch\r\nDate: Sat, 14 Mar 2026 15:09:26 +0000\r\nMessage-ID: <1@client.test>\r\n\r\nSee you at noon.\r\n";
    private const string Spam = "From: alice@client.test\r\nTo: bob@ours.test\r\nSubject: test\r\nDate: Sat, 14 Mar 2026 15:09:26 +0000\r\nMessage-ID: <2@client.test>\r\nX-Spam-Status: No\r\n\r\n" + Gtube + "\r\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [FullFact("/usr/sbin/spamd")]
    public async Task Spam_is_refused_ham_passes_and_mail_waits_while_spamd_is_gone()
    {
        using var folder = new TemporaryFolder();
        await using SpamdProgram spamd = await SpamdProgram.StartAsync();
        await using var hop = new RecordingSink();
        await using PolicyServer server = await PolicyServer.StartAsync(
            folder, $$"""[{ "Type": "AddReceived" }, { "Type": "SpamAssassin", "Address": "{{spamd.Address}}", "RefuseScore": 100 }]""", $"smtp://127.0.0.1:{hop.Port}");
        Assert.Equal("554 5.7.1 Refused as spam", await server.SendAsync(Spam, "bob@ours.test"));
        Assert.StartsWith("250 ", await server.SendAsync(Ham, "bob@ours.test"), StringComparison.Ordinal);
        string ham = Encoding.Latin1.GetString((await hop.TakeAsync(Patience))!.Value.Content);
        Assert.Contains("X-Spam-Status: No, score=", ham, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Spam-Flag", ham, StringComparison.Ordinal);
        Assert.EndsWith(Ham["X-Spam-Flag: YES\r\n".Length..], ham, StringComparison.Ordinal);
        await spamd.KillAsync();
        Assert.Equal("451 4.3.0 The message could not be scanned, try again later", await server.SendAsync(Ham, "bob@ours.test"));
    }

    [FullFact("/usr/sbin/spamd")]
    public async Task Spam_is_flagged_over_a_socket_and_mail_passes_unscanned_where_that_is_configured()
    {
        using var folder = new TemporaryFolder();
        await using SpamdProgram spamd = await SpamdProgram.StartAsync(onSocket: true);
        await using var hop = new RecordingSink();
        await using PolicyServer server = await PolicyServer.StartAsync(
            folder, $$"""[{ "Type": "SpamAssassin", "Address": "{{spamd.Address}}", "Unavailable": "Accept" }]""", $"smtp://127.0.0.1:{hop.Port}");
        Assert.StartsWith("250 ", await server.SendAsync(Spam, "bob@ours.test"), StringComparison.Ordinal);
        string spam = Encoding.Latin1.GetString((await hop.TakeAsync(Patience))!.Value.Content);
        Assert.StartsWith("X-Spam-Flag: YES\r\nX-Spam-Score: ", spam, StringComparison.Ordinal);
        Assert.Contains("GTUBE", spam[..spam.IndexOf("From:", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.EndsWith(Spam.Replace("X-Spam-Status: No\r\n", "", StringComparison.Ordinal), spam, StringComparison.Ordinal);
        await spamd.KillAsync();
        Assert.StartsWith("250 ", await server.SendAsync(Ham, "bob@ours.test"), StringComparison.Ordinal);
        string unscanned = Encoding.Latin1.GetString((await hop.TakeAsync(Patience))!.Value.Content);
        Assert.Equal(Ham["X-Spam-Flag: YES\r\n".Length..], unscanned);
    }
}
