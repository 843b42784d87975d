using System.Xml.Linq;

namespace SlimtaFast.Mail.Tests;

/// <summary>The public test set of is_email (Addresses/, with its licence), as far as it speaks of what may stand in an SMTP path.</summary>
public sealed class AddressCorpusTests
{
    // Valid by RFC 5321. The warnings are about what DNS says, not about syntax.
    private static readonly HashSet<string> Valid = ["ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN", "ISEMAIL_RFC5321"];

    // What MailboxGrammar takes beyond that, by number and reason.
    private static readonly Dictionary<int, string> Lenient = new()
    {
        [15] = "dot at the start of a local part",
        [16] = "dot at the end of a local part",
        [26] = "local part above 64 octets",
        [30] = "hyphen at the start of a label",
        [31] = "hyphen at the end of a label",
        [35] = "dot at the end of a domain",
        [39] = "address above 254 octets",
        [40] = "address above 254 octets",
        [59] = "local part above 64 octets",
        [60] = "local part above 64 octets",
        [71] = "a double colon for a single group, which RFC 5952 only deprecates",
        [102] = "hyphen at the end of a label",
    };

    public static TheoryData<int, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<int, string, bool>();
            foreach (XElement test in XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Addresses", "isemail-tests.xml")).Descendants("test"))
            {
                int number = (int)test.Attribute("id")!;
                cases.Add(number, Unhide((string?)test.Element("address") ?? ""), Valid.Contains((string)test.Element("category")!) || Lenient.ContainsKey(number));
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Address_of_the_corpus_is_taken_or_refused(int number, string address, bool valid) =>
        Assert.True(Mailbox.TryParse(address, out Mailbox mailbox) == valid && (!valid || mailbox.Address == address), $"case {number}");

    [Fact]
    public void Corpus_is_whole() => Assert.Equal(164, Cases.Count);

    // The file shows control characters as the symbols for them.
    private static string Unhide(string address) =>
        string.Concat(address.Select(static c => c is >= '\u2400' and < '\u2420' ? (char)(c - 0x2400) : c == '\u2421' ? '\x7F' : c));
}
