using System.Text;
using System.Text.RegularExpressions;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>The scripts of <c>dialogues/client/</c>: the real server delivers a message to a next hop that is hostile or broken.</summary>
public sealed partial class ClientDialogueTests(RelaysUnderTest relays) : IClassFixture<RelaysUnderTest>
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
                // The quick tier plays each script once, the full one once more under TLS.
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
        RelayUnderTest relay = await relays.GetAsync(script, cover);
        using HopUnderTest hop = relay.TakeHop();
        string id = await relay.SubmitAsync(hop, script.Recipients, message);
        await using DialoguePeer peer = await DialoguePeer.AcceptAsync(await hop.AcceptAsync(Patience), cover, Patience);

        await PlayAsync(script, hop, peer, message, fragmentation);

        string line = await relay.WaitForOutcomeAsync(id, OutcomeLine());
        Assert.True(Outcome(line) == script.Outcome && script.Said.IsMatch(line), $"{script.Outcome} {script.Said} was to come; the log says: {line}\n{peer.Transcript}");
    }

    private static async Task PlayAsync(DialogueScript script, HopUnderTest hop, DialoguePeer peer, byte[] message, Fragmentation fragmentation)
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
                        command = hop.ToUsual(await peer.ReadLineAsync() ?? "<the end>");
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
                case StepKind.Handshake:
                    await peer.AwaitTlsAsync();
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
