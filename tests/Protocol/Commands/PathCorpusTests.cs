using System.Text;
using System.Xml.Linq;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Tests.Commands;

/// <summary>
/// The public test set of is_email as paths of RCPT: what the mailbox grammar takes is taken with brackets around it and parameters
/// behind, and nothing else is. (Which address the grammar has to take is asserted in tests/Mail.)
/// </summary>
public sealed class PathCorpusTests
{
    public static TheoryData<int, string> Cases
    {
        get
        {
            var cases = new TheoryData<int, string>();
            foreach (XElement test in XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Addresses", "isemail-tests.xml")).Descendants("test"))
                cases.Add((int)test.Attribute("id")!, Unhide((string?)test.Element("address") ?? ""));
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Path_of_the_corpus_is_taken_where_its_address_is(int number, string address)
    {
        byte[] argument = Encoding.UTF8.GetBytes($"TO:<{address}> NOTIFY=NEVER");
        Canned verdict = PathParser.TryParseRecipient(argument, out Mailbox mailbox, out ReadOnlySpan<byte> parameters);

        bool isTaken = Mailbox.TryParse(address, out Mailbox expected);
        Assert.True(isTaken == (verdict == Canned.None), $"case {number}: {verdict}");
        Assert.Equal(isTaken ? expected : default, isTaken ? mailbox : default);
        if (isTaken)
            Assert.Equal("NOTIFY=NEVER"u8.ToArray(), parameters.ToArray());
    }

    // Of a line with such a path the command parser takes none with a control character.
    [Theory]
    [MemberData(nameof(Cases))]
    public void Line_of_the_corpus_is_no_command_where_it_holds_a_control(int number, string address)
    {
        Command command = CommandParser.Parse(Encoding.UTF8.GetBytes($"RCPT TO:<{address}>"));

        Assert.True(address.Any(char.IsControl) == (command.Error == Canned.ControlInCommand), $"case {number}");
    }

    // The file shows control characters as the symbols for them.
    private static string Unhide(string address) =>
        string.Concat(address.Select(static c => c is >= '\u2400' and < '\u2420' ? (char)(c - 0x2400) : c == '\u2421' ? '\x7F' : c));
}
