using System.Text;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>Plays scripts against a server session and keeps what came of it.</summary>
internal sealed class Dialogue
{
    public const string Ehlo = "EHLO client.example\r\n";
    public const string From = "MAIL FROM:<a@b.example>\r\n";
    public const string To = "RCPT TO:<c@d.example>\r\n";
    public const string Begin = "DATA\r\n";
    public const string Quit = "QUIT\r\n";

    private Dialogue(ScriptedConnection connection, SmtpServerSession session, RecordingHandler handler, SessionEndReason end)
    {
        Connection = connection;
        Session = session;
        Handler = handler;
        End = end;
    }

    public static TheoryData<Cut> Cuts => [Cut.Whole, Cut.Lines, Cut.Octets, Cut.Segments];

    // Without the limits on rate, so that each deadline is set once and shows as it is configured.
    public static SmtpServerOptions Options { get; } = new() { HostName = "mx.example", RefuseEarlyContent = false, MinDataRate = 0 };

    public ScriptedConnection Connection { get; }

    public SmtpServerSession Session { get; }

    public RecordingHandler Handler { get; }

    public SessionEndReason End { get; }

    /// <summary>The codes of the replies behind greeting and hello: <c>250 2.1.0</c>, each as one entry.</summary>
    public string[] Codes
    {
        get
        {
            string[] lines = Connection.Answers.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            string[] final = [.. lines.Where(line => line[3] == ' ')];
            Assert.StartsWith("220 ", final[0], StringComparison.Ordinal);
            return [.. final.Skip(1).Where(line => line != "250 HELP").Select(CodeOf)];
        }
    }

    public static Task<Dialogue> PlayAsync(Cut cut, params string[] script) => PlayAsync(cut, new RecordingHandler(), Options, script);

    public static Task<Dialogue> PlayAsync(Cut cut, RecordingHandler handler, params string[] script) => PlayAsync(cut, handler, Options, script);

    public static async Task<Dialogue> PlayAsync(Cut cut, RecordingHandler handler, SmtpServerOptions options, params string[] script)
    {
        byte[] all = Encoding.Latin1.GetBytes(string.Concat(script));
        byte[][] pieces = cut switch
        {
            Cut.Whole => [all],
            Cut.Lines => [.. script.Select(Encoding.Latin1.GetBytes)],
            _ => [.. all.Select(octet => new[] { octet })],
        };
        return await RunAsync(new ScriptedConnection(pieces, ScriptEnd.Close, cut == Cut.Segments), handler, options);
    }

    public static async Task<Dialogue> RunAsync(ScriptedConnection connection, RecordingHandler handler, SmtpServerOptions options, CancellationToken stopping = default)
    {
        var session = new SmtpServerSession(connection, handler, options);
        SessionEndReason end = await session.RunAsync(stopping);
        Assert.Equal([end], handler.Ends);
        Assert.Equal(end == SessionEndReason.Fault, session.Fault is not null);
        return new Dialogue(connection, session, handler, end);
    }

    // Code and enhanced code where there is one.
    private static string CodeOf(string line)
    {
        string[] words = line.Split(' ');
        return words.Length > 1 && words[1].Count(c => c == '.') == 2 && char.IsAsciiDigit(words[1][0]) ? $"{words[0]} {words[1]}" : words[0];
    }
}
