using System.Globalization;
using Microsoft.Playwright;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Page;

/// <summary>What strangers write stays data: in the page and in <c>slimtafast top</c>.</summary>
public sealed class HostilePageTests(Browser browser) : IClassFixture<Browser>
{
    private const string Markup = "<img/src=x/onerror=alert(1)><script>alert(2)</script>";
    private const string Reply = "450 4.2.1 " + Markup + " \u202egnp.exe \u200b {{7*7}} ${alert(3)} javascript:alert(4)";

    [FullFact(Browser.Program)]
    public async Task Addresses_subjects_and_replies_are_inert()
    {
        using var folder = new TemporaryFolder();
        await using var hop = new RefusingHop(Reply);
        await using PagedServer server = await PagedServer.StartAsync("disk:" + folder["spool"], string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{hop.Port}"));
        string id = await server.SendAsync("ev\u202eil\u2066@client.test", $"\"{Markup}\"@ours.test", $"Subject: {Markup} \u001b[2J \u202e\r\n");
        await using Tab tab = await browser.OpenAsync(server.Address);
        await Assertions.Expect(tab.Row(id)).ToContainTextAsync(@"ev\u{202E}il\u{2066}@client.test");
        await Assertions.Expect(tab.Row(id)).ToContainTextAsync("<script>alert(2)</script>");
        await Assertions.Expect(tab.Row(id)).ToContainTextAsync("450 4.2.1");
        await tab.Row(id).GetByRole(AriaRole.Link).ClickAsync();
        await tab.Expect("#message").ToContainTextAsync("450 4.2.1 <img/src=x/onerror=alert(1)>");
        await tab.Expect("#message").ToContainTextAsync("{{7*7}} ${alert(3)}");
        await Assertions.Expect(tab.Page.Locator("#message tbody").First).ToContainTextAsync("<script>alert(2)</script>");
        string text = await tab.Page.EvaluateAsync<string>("document.body.textContent + [...document.querySelectorAll('*')].flatMap(e => [...e.attributes].map(a => a.value)).join('\\n')");
        Assert.DoesNotContain(text, static letter => (char.IsControl(letter) && letter != '\n') || letter is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069' or '\u200b');
        Assert.Equal(0, await tab.Page.Locator("img, iframe, object, embed, body script").CountAsync());

        // The words of an order come back in the news line, and those of a search in the question.
        await tab.Page.GoBackAsync();
        await tab.Page.GetByLabel("Where").SelectOptionAsync("hop");
        await tab.Page.GetByLabel("Text").FillAsync("<b>\u202e");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(tab.Row(id)).ToHaveCountAsync(0);
        await tab.Page.Locator("#orders").GetByRole(AriaRole.Button, new() { Name = "Remove…" }).ClickAsync();
        await tab.Expect("#confirm-text").ToHaveTextAsync(@"This removes every message that matches (hop: <b>\u{202E}).");
        tab.CheckQuiet();
    }

    [FullFact(Browser.Program)]
    public async Task Markup_that_the_page_itself_would_make_of_text_is_refused_by_its_policy()
    {
        await using PagedServer server = await PagedServer.StartAsync("memory:", "hold:");
        await using Tab tab = await browser.OpenAsync(server.Address);
        await tab.Expect("#condition").ToHaveTextAsync("stores only");
        Assert.True(await tab.Page.EvaluateAsync<bool>("() => { try { document.body.innerHTML = '<p>x</p>'; return false; } catch (e) { return e instanceof TypeError; } }"));
        Assert.False(await tab.Page.EvaluateAsync<bool>("() => fetch('http://127.0.0.1:9/').then(() => true, () => false)"));
        Assert.Contains(tab.Said, static said => said.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [FullFact]
    public async Task Top_shows_the_same_as_plain_text()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["token"], "secret");
        await using var hop = new RefusingHop(Reply);
        await using PagedServer server = await PagedServer.StartAsync("disk:" + folder["spool"], string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{hop.Port}"), folder["token"]);
        string id = await server.SendAsync("alice@client.test", "bob@ours.test");
        (int code, string output) = await RunningProgram.RunAsync(SlimtafastProgram.Path, ["top", "--once", "--admin", server.Address, "--token-file", folder["token"]]);
        Assert.Equal(0, code);
        Assert.Matches(@"accepted +\S+ +\S+ +1 messages", output);
        Assert.Contains("oldest", output, StringComparison.Ordinal);
        Assert.Contains(id, output, StringComparison.Ordinal);
        Assert.DoesNotContain(output, static letter => char.IsControl(letter) && letter != '\n');

        // Without a terminal it goes on line by line, until it is told to end.
        await using RunningProgram top = RunningProgram.Start(SlimtafastProgram.Path, ["top", "--admin", server.Address, "--token-file", folder["token"]]);
        await WaitForTwoAsync(top);
        Assert.Equal(0, await top.StopAsync());
        Assert.DoesNotContain('\u001b', top.Output);

        (code, output) = await RunningProgram.RunAsync(SlimtafastProgram.Path, ["top", "--once", "--admin", server.Address]);
        Assert.Equal(2, code);
        Assert.Contains("--token-file", output, StringComparison.Ordinal);
    }

    private static async Task WaitForTwoAsync(RunningProgram top)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (top.Output.Split('\n').Count(static line => line.StartsWith("accepted ", StringComparison.Ordinal)) < 2)
            await poll.WaitForNextTickAsync(limit.Token);
    }
}
