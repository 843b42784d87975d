using System.Net;
using System.Text;
using SlimtaFast.MailAuth;
using SlimtaFast.MailAuth.Spf;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// Reads an SPF record: what is read has only terms that its text has, every name that its macros make is one that the DNS can hold, and a
/// record that is read is read the same with more blanks between its terms.
/// </summary>
public sealed class SpfRecordTarget : IFuzzTarget
{
    private static readonly SpfRequest Request = SpfRequest.ForMailFrom(IPAddress.Parse("2001:db8::cb01"), "strong-bad@email.example.com", "mx.example.com");

    /// <inheritdoc/>
    public string Name => "spf-record";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.Latin1.GetString(input);
        _ = MacroText.Parse(text, MacroPlace.Explanation, out _);
        SpfRecord record = SpfRecordParser.Parse("v=spf1 " + text);
        if (record.Problem is not null)
        {
            FuzzAssert.That(record.Problem.All(static c => c is >= ' ' and <= '~'), "A problem is not printable.");
            return;
        }

        FuzzAssert.That(text.All(static c => c is >= ' ' and <= '~'), "A record with other characters was read.");
        var values = new MacroValues(Request, ClientAddress.Of(Request.Client), Request.Domain, Request.HelloName, Request.Domain, "unknown", "mx.example.org", DateTimeOffset.UnixEpoch);
        var expansion = new MacroExpansion();
        foreach (MacroText? domain in record.Mechanisms.Select(static mechanism => mechanism.Domain).Append(record.Redirect).Append(record.Explanation))
        {
            string? name = domain is null ? null : expansion.ToName(domain, in values);
            FuzzAssert.That(name is null || (name.Length <= 253 && name.Split('.').All(static label => label.Length is > 0 and <= 63)), "A macro makes a name that the DNS cannot hold.");
        }

        foreach (Mechanism mechanism in record.Mechanisms)
            FuzzAssert.That(mechanism.Prefix4 is >= 0 and <= 32 && mechanism.Prefix6 is >= 0 and <= 128, "A prefix is none.");
        if (text.Length * 2 >= SpfRecordParser.LongestRecord)
            return;
        SpfRecord again = SpfRecordParser.Parse("v=spf1  " + text.Replace(" ", "  ", StringComparison.Ordinal));
        FuzzAssert.That(
            again.Problem is null && again.Mechanisms.Select(static mechanism => mechanism.Text).SequenceEqual(record.Mechanisms.Select(static mechanism => mechanism.Text)),
            "Blanks make a difference.");
    }
}
