using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>The scripts of <c>dialogues/client/</c>: the real server delivers a message to a next hop that is hostile or broken.</summary>
public sealed partial class ClientDialogueTests
{
    private const string Folder = "client";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly byte[] UsualMessage = "Subject: x\r\n\r\n.one\r\ntwo\r\n"u8.ToArray();

    public static TheoryData<string, Fragmentation, Cover> Cases
    {
        get
        {
            var cases = new TheoryData<string, Fragmentation, Cover>();
            foreach (string name in ScriptFiles.Names(Folder))
            {
                // A server is started for each case: the quick tier plays each script once, the full one once more under TLS.
                DialogueScript script = DialogueScript.ReadForServer(name, ScriptFiles.Read(name, Folder));
                foreach (Cover cover in script.Covers)
                {
                    int most = CurrentTier.Value switch
                    {
                        TestTier.Quick => cover == Cover.Plain ? 1 : 0,
                        TestTier.Full => cover == Cover.Plain ? int.MaxValue : 1,
                        _ => int.MaxValue,
                    };
                    foreach (Fragmentation fragmentation in script.Fragmentations.Take(most))
                        cases.Add(name, fragmentation, cover);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Relay_stands_the_script(string name, Fragmentation fragmentation, Cover cover)
    {
        DialogueScript script = DialogueScript.ReadForServer(name, ScriptFiles.Read(name, Folder));
        byte[] message = script.Messages.Count > 0 ? script.Messages[0] : UsualMessage;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        // The tests here are about one attempt each.
        (RunningProgram program, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            script.Environment,
            [
                "serve", "--listen", "127.0.0.1:0", "--storage", "memory:", "--relay", $"{(cover == Cover.Tls ? "smtps" : "smtp")}://127.0.0.1:{port}?connections=1",
                "--hostname", "mx.test", "--threads", "1", "--retry", "1h", .. script.Options,
            ]);
        await using RunningProgram owned = program;
        await SubmitAsync(endPoint, script.Recipients, message);
        Socket socket = await listener.AcceptSocketAsync().WaitAsync(Patience);
        // No second attempt, no report, can take part in the dialogue.
        listener.Stop();
        await using DialoguePeer peer = await DialoguePeer.AcceptAsync(socket, cover, Patience);

        await PlayAsync(script, peer, message, fragmentation);

        string line = await program.WaitForLineAsync(static l => OutcomeLine().IsMatch(l), Patience);
        Assert.True(Outcome(line) == script.Outcome && script.Said.IsMatch(line), $"{script.Outcome} {script.Said} was to come; the log says: {line}\n{peer.Transcript}");
    }

    private static async Task SubmitAsync(IPEndPoint server, IReadOnlyList<string> recipients, byte[] message)
    {
        await using DialoguePeer client = await DialoguePeer.ConnectAsync(server, Cover.Plain, Patience);
        byte[] chunk = [.. Encoding.ASCII.GetBytes($"BDAT {message.Length} LAST\r\n"), .. message];
        byte[][] commands =
        [
            "EHLO client.test\r\n"u8.ToArray(), "MAIL FROM:<a@client.test>\r\n"u8.ToArray(),
            .. recipients.Select(static recipient => Encoding.ASCII.GetBytes($"RCPT TO:<{recipient}>\r\n")), chunk, "QUIT\r\n"u8.ToArray(),
        ];
        foreach (byte[] command in commands)
        {
            Assert.Equal('2', (await client.ReadReplyAsync())![^1][0]);
            await client.SendAsync(command, Fragmentation.Whole);
        }

        Assert.Equal("221", (await client.ReadReplyAsync())![^1][..3]);
    }

    private static async Task PlayAsync(DialogueScript script, DialoguePeer peer, byte[] message, Fragmentation fragmentation)
    {
        var burst = new List<byte>();
        string command = "";
        foreach (ScriptStep step in script.Steps)
        {
            if (step.Kind == StepKind.Send)
            {
                burst.AddRange(step.Octets);
                continue;
            }

            await peer.SendAsync(burst.ToArray(), fragmentation);
            burst.Clear();
            switch (step.Kind)
            {
                case StepKind.Expect:
                    for (int i = 0; i < step.Count; i++)
                    {
                        command = await peer.ReadLineAsync() ?? "<the end>";
                        Assert.True(step.Pattern!.IsMatch(command), $"Line {step.Line} wants {step.Pattern}; came: {command}\n{peer.Transcript}");
                    }

                    break;
                case StepKind.ExpectContent:
                    CheckContent(HopMessage.Undot(await peer.ReadDataAsync()), message, peer);
                    break;
                case StepKind.ExpectChunk:
                    CheckContent(await peer.ReadOctetsAsync(int.Parse(command.Split(' ')[1], null)), message, peer);
                    break;
                case StepKind.ExpectEnd:
                    await peer.ExpectEndAsync();
                    break;
                case StepKind.Shutdown:
                    await peer.ShutdownAsync();
                    break;
                case StepKind.Close:
                    await peer.DisposeAsync();
                    return;
                case StepKind.Reset:
                    peer.Reset();
                    return;
                default:
                    throw new InvalidOperationException($"A step of an unknown kind in line {step.Line}.");
            }
        }

        await peer.SendAsync(burst.ToArray(), fragmentation);
    }

    private static void CheckContent(byte[]? octets, byte[] message, DialoguePeer peer) =>
        Assert.True(octets is not null && new HopMessage([], octets).Is(message), $"Another content came: {(octets is null ? "none" : Encoding.Latin1.GetString(octets))}\n{peer.Transcript}");

    private static string Outcome(string line)
    {
        Match match = OutcomeLine().Match(line);
        if (match.Groups["down"].Success)
            return "down";
        if (match.Groups["deferred"] is { Success: true } deferred && deferred.Value != "0")
            return match.Groups["delivered"].Value == "0" && match.Groups["failed"].Value == "0" ? "deferred" : "mixed";
        if (match.Groups["failed"].Value == "0")
            return "delivered";
        return match.Groups["delivered"].Value == "0" ? "failed" : "mixed";
    }

    [GeneratedRegex(@"\] [0-9A-Za-z-]+ (?:attempt 1 to [^ ]+: (?<delivered>[0-9]+) delivered, (?:(?<deferred>[0-9]+) deferred until [^,]+, )?(?<failed>[0-9]+) failed;|found [^ ]+ (?<down>down) and waits)")]
    private static partial Regex OutcomeLine();
}
