using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>Sessions over nonsense: they end, and answer no more than they were asked.</summary>
public class RandomSessionTests
{
    // Mechanisms whose challenges are always the same.
    private static readonly SmtpServerOptions Options = Dialogue.Options with
    {
        Auth = new SmtpAuthOptions { Mechanisms = [SaslMechanisms.Plain, SaslMechanisms.Login], AllowPlaintext = true },
    };

    [Property(MaxTest = 500)]
    public void Random_octets_end_in_an_orderly_way(byte[] octets)
    {
        Play([octets]);
        Play([octets], isLmtp: true);
    }

    [Property(Arbitrary = [typeof(Babble)], MaxTest = 1000)]
    public void Random_commands_in_any_pieces_are_answered_the_same(Babble babble)
    {
        byte[] all = Encoding.Latin1.GetBytes(string.Concat(babble.Words));

        string whole = Play([all]);
        string words = Play([.. babble.Words.Select(Encoding.Latin1.GetBytes)]);
        string octets = Play([.. all.Select(octet => new[] { octet })]);

        Assert.Equal(whole, words);
        Assert.Equal(whole, octets);
        byte[] lmtp = Encoding.Latin1.GetBytes(string.Concat(babble.Words).Replace("EHLO", "LHLO", StringComparison.Ordinal));
        Assert.Equal(Play([lmtp], isLmtp: true), Play([.. lmtp.Select(octet => new[] { octet })], isLmtp: true));
    }

    private static string Play(byte[][] pieces, bool isLmtp = false)
    {
        var connection = new ScriptedConnection(pieces);
        var handler = new RecordingHandler();
        Dialogue run = Dialogue.RunAsync(connection, handler, Options with { Lmtp = isLmtp }).GetAwaiter().GetResult();

        Assert.NotEqual(SessionEndReason.Fault, run.End);
        Assert.Equal(0, connection.Answers.Unsent);
        string text = connection.Answers.Text;
        int lineFeeds = pieces.Sum(piece => piece.Count(octet => octet == '\n'));
        int replies = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Count(line => line[3] == ' ');
        // Under LMTP each accepted recipient's reply to the content goes with its RCPT.
        Assert.InRange(replies, 0, (isLmtp ? 2 * lineFeeds : lineFeeds) + 2);
        Assert.All(text, c => Assert.True(c is '\r' or '\n' or (>= ' ' and <= '~')));
        return text;
    }

    public sealed record Babble(string[] Words)
    {
        private static readonly string[] Vocabulary =
        [
            "EHLO c\r\n", "HELO c\r\n", "MAIL FROM:<a@b.example>\r\n", "MAIL FROM:<> SIZE=3 BODY=8BITMIME\r\n", "RCPT TO:<c@d.example>\r\n", "RCPT TO:<>\r\n",
            "DATA\r\n", "text\r\n", ".\r\n", "..\r\n", "\r\n.\r\n", ".", "\r", "\n", "\0", "\u00ff", "BDAT 3\r\n", "BDAT 5 LAST\r\n", "BDAT 0 LAST\r\n", "abc", "BDAT x\r\n",
            "RSET\r\n", "NOOP\r\n", "VRFY x\r\n", "HELP\r\n", "FOO\r\n", "AUTH LOGIN\r\n", "AUTH PLAIN AHRpbQBwZW5jaWw=\r\n", "AUTH PLAIN =\r\n", "dGlt\r\n", "*\r\n", "QUIT\r\n", "QUI",
        ];

        public static Arbitrary<Babble> Arbitrary() =>
            Arb.From(Gen.ArrayOf(Gen.Frequency((1, Gen.Constant("EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n")), (6, Gen.Elements(Vocabulary))))
                .Select(words => new Babble(words)));

        public override string ToString() => string.Join('|', Words).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
    }
}
