using System.Text;
using SlimtaFast.Server.Bench;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Tests.Bench;

public sealed class LoadDialogueTests
{
    [Fact]
    public void Lockstep_message_waits_for_each_reply()
    {
        LoadDialogue dialogue = Ready(LoadMode.Lockstep);
        dialogue.BeginMessage();
        Assert.StartsWith("MAIL FROM:<sender@bench.test>", Sent(dialogue), StringComparison.Ordinal);
        Assert.Equal(LoadEvent.Send, dialogue.OnReply(250));
        Assert.Equal("RCPT TO:<to0@bench.test>\r\nRCPT TO:<to1@bench.test>\r\n", Sent(dialogue));
        Assert.Equal(LoadEvent.Wait, dialogue.OnReply(250));
        Assert.Equal(LoadEvent.Send, dialogue.OnReply(250));
        Assert.Equal("DATA\r\n", Sent(dialogue));
        Assert.Equal(LoadEvent.Send, dialogue.OnReply(354));
        Assert.EndsWith("\r\n.\r\n", Sent(dialogue), StringComparison.Ordinal);
        Assert.Equal(LoadEvent.Accepted, dialogue.OnReply(250));
    }

    [Fact]
    public void Pipelined_message_is_two_writes()
    {
        LoadDialogue dialogue = Ready(LoadMode.Pipeline);
        dialogue.BeginMessage();
        Assert.EndsWith("RCPT TO:<to1@bench.test>\r\nDATA\r\n", Sent(dialogue), StringComparison.Ordinal);
        Assert.Equal([LoadEvent.Wait, LoadEvent.Wait, LoadEvent.Wait, LoadEvent.Send], Take(dialogue, 250, 250, 250, 354));
        Assert.Equal(LoadEvent.Accepted, dialogue.OnReply(250));
    }

    [Fact]
    public void Bdat_message_is_one_write()
    {
        LoadDialogue dialogue = Ready(LoadMode.Bdat);
        dialogue.BeginMessage();
        Assert.Contains("\r\nBDAT 1000 LAST\r\nFrom: ", Sent(dialogue), StringComparison.Ordinal);
        Assert.Equal([LoadEvent.Wait, LoadEvent.Wait, LoadEvent.Wait, LoadEvent.Accepted], Take(dialogue, 250, 250, 250, 250));
    }

    [Fact]
    public void Refused_sender_is_reset()
    {
        LoadDialogue dialogue = Ready(LoadMode.Lockstep);
        dialogue.BeginMessage();
        Assert.Equal(LoadEvent.Send, dialogue.OnReply(452));
        Assert.Equal("RSET\r\n", Sent(dialogue));
        Assert.Equal(LoadEvent.Refused, dialogue.OnReply(250));
        Assert.Equal(452, dialogue.LastRefusal);
    }

    [Fact]
    public void Refused_recipient_of_a_pipelined_message_counts_although_the_rest_is_taken()
    {
        LoadDialogue dialogue = Ready(LoadMode.Pipeline);
        dialogue.BeginMessage();
        Assert.Equal([LoadEvent.Wait, LoadEvent.Wait, LoadEvent.Wait, LoadEvent.Send], Take(dialogue, 250, 550, 250, 354));
        Assert.Equal(LoadEvent.Refused, dialogue.OnReply(250));
        Assert.Equal(550, dialogue.LastRefusal);
    }

    [Fact]
    public void Refused_pipelined_group_is_reset_and_the_next_message_may_succeed()
    {
        LoadDialogue dialogue = Ready(LoadMode.Pipeline);
        dialogue.BeginMessage();
        Assert.Equal([LoadEvent.Wait, LoadEvent.Wait, LoadEvent.Wait, LoadEvent.Send], Take(dialogue, 451, 503, 503, 503));
        Assert.Equal(LoadEvent.Refused, dialogue.OnReply(250));
        Assert.Equal(451, dialogue.LastRefusal);
        dialogue.BeginMessage();
        Assert.Equal([LoadEvent.Wait, LoadEvent.Wait, LoadEvent.Wait, LoadEvent.Send], Take(dialogue, 250, 250, 250, 354));
        Assert.Equal(LoadEvent.Accepted, dialogue.OnReply(250));
    }

    [Fact]
    public void Shutdown_of_the_server_closes_in_any_state()
    {
        LoadDialogue dialogue = Ready(LoadMode.Pipeline);
        dialogue.BeginMessage();
        Assert.Equal([LoadEvent.Wait, LoadEvent.Closed], Take(dialogue, 250, 421));
    }

    [Fact]
    public void Refused_greeting_closes() => Assert.Equal(LoadEvent.Closed, new LoadDialogue(Script(LoadMode.Pipeline)).OnReply(554));

    [Fact]
    public void Quit_closes()
    {
        LoadDialogue dialogue = Ready(LoadMode.Pipeline);
        dialogue.Quit();
        Assert.Equal("QUIT\r\n", Sent(dialogue));
        Assert.Equal(LoadEvent.Closed, dialogue.OnReply(221));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(214)]
    [InlineData(215)]
    [InlineData(216)]
    [InlineData(217)]
    [InlineData(1000)]
    [InlineData(10_240)]
    public void Content_has_its_size_and_clean_lines(int size)
    {
        var script = new LoadScript(Plan(LoadMode.Pipeline) with { Size = size });
        string content = Encoding.ASCII.GetString(script.Content);
        Assert.Equal(script.Octets, content.Length - 3);
        Assert.True(script.Octets == size || size < 200);
        Assert.EndsWith("\r\n.\r\n", content, StringComparison.Ordinal);
        string[] lines = content[..^3].Split("\r\n");
        Assert.All(lines, line => Assert.DoesNotContain(line, c => c is '\r' or '\n'));
        Assert.All(lines, line => Assert.False(line.StartsWith('.')));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 160));
    }

    private static LoadEvent[] Take(LoadDialogue dialogue, params int[] codes) => [.. codes.Select(dialogue.OnReply)];

    private static string Sent(LoadDialogue dialogue) => Encoding.ASCII.GetString(dialogue.Outgoing);

    private static LoadDialogue Ready(LoadMode mode)
    {
        var dialogue = new LoadDialogue(Script(mode));
        Assert.Equal(LoadEvent.Send, dialogue.OnReply(220));
        Assert.StartsWith("EHLO ", Sent(dialogue), StringComparison.Ordinal);
        Assert.Equal(LoadEvent.Ready, dialogue.OnReply(250));
        return dialogue;
    }

    private static LoadScript Script(LoadMode mode) => new(Plan(mode));

    private static LoadPlan Plan(LoadMode mode) => new() { Server = new HostPort("127.0.0.1", 25), Mode = mode, Recipients = 2, Size = 1000 };
}
