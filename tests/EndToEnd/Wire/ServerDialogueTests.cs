using System.Text.RegularExpressions;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>The scripts of <c>dialogues/</c>: hostile and broken clients against the real server.</summary>
public sealed class ServerDialogueTests(ServersUnderTest servers) : IClassFixture<ServersUnderTest>
{
    public static TheoryData<string, Fragmentation, Cover> Cases
    {
        get
        {
            var cases = new TheoryData<string, Fragmentation, Cover>();
            foreach (string name in ScriptFiles.Names())
            {
                DialogueScript script = DialogueScript.ReadForClient(name, ScriptFiles.Read(name));
                foreach (Cover cover in script.Covers)
                {
                    // The quick tier plays each script once under TLS.
                    bool once = cover == Cover.Tls && CurrentTier.Value == TestTier.Quick;
                    foreach (Fragmentation fragmentation in once ? script.Fragmentations.Take(1) : script.Fragmentations)
                        cases.Add(name, fragmentation, cover);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Server_stands_the_script(string name, Fragmentation fragmentation, Cover cover)
    {
        DialogueScript script = DialogueScript.ReadForClient(name, ScriptFiles.Read(name));
        ServerUnderTest server = await servers.GetAsync(script, cover);
        string transcript;
        await using (DialoguePeer client = await server.ConnectAsync())
        {
            await PlayAsync(script, client, fragmentation);
            transcript = client.Transcript;
        }

        IReadOnlyList<HopMessage> messages = await server.TakeMessagesAsync();
        Assert.True(messages.Count == script.Delivered, $"{messages.Count} messages arrived: {string.Join('\n', messages.Select(static m => m.Text))}\n{transcript}");
        for (int i = 0; i < script.Messages.Count; i++)
            Assert.True(messages[i].Is(script.Messages[i]), $"Another message arrived:\n{messages[i].Text}\n{transcript}");
        foreach (string command in script.Relayed)
            Assert.Contains(messages, message => message.Commands.Any(c => c.StartsWith(command, StringComparison.Ordinal)));
    }

    private static async Task PlayAsync(DialogueScript script, DialoguePeer client, Fragmentation fragmentation)
    {
        var burst = new List<byte>();
        foreach (ScriptStep step in script.Steps)
        {
            if (step.Kind == StepKind.Send)
            {
                burst.AddRange(step.Octets);
                continue;
            }

            await client.SendAsync(burst.ToArray(), fragmentation);
            burst.Clear();
            switch (step.Kind)
            {
                case StepKind.Expect:
                    for (int i = 0; i < step.Count; i++)
                        Check(step, await client.ReadReplyAsync(), client);
                    break;
                case StepKind.ExpectEnd:
                    await client.ExpectEndAsync();
                    return;
                case StepKind.Handshake:
                    await client.BeginTlsAsync();
                    break;
                case StepKind.Shutdown:
                    await client.ShutdownAsync();
                    break;
                case StepKind.Close:
                    return;
                case StepKind.Reset:
                    client.Reset();
                    return;
                default:
                    throw new InvalidOperationException($"Line {step.Line} is for scripts of the other side.");
            }
        }

        await client.SendAsync(burst.ToArray(), fragmentation);
        await client.ShutdownAsync();
        await client.ExpectEndAsync();
    }

    private static void Check(ScriptStep step, IReadOnlyList<string>? reply, DialoguePeer client)
    {
        bool isRight = reply is not null && step.Pattern!.IsMatch(reply[^1]) && step.Lines.All((Regex line) => reply.Any(line.IsMatch));
        Assert.True(isRight, $"Line {step.Line} wants {step.Pattern}; came: {(reply is null ? "the end" : string.Join('\n', reply))}\n{client.Transcript}");
    }
}
