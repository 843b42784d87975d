using System.Globalization;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Page;

/// <summary>Every view of the page is looked over by axe-core for what breaks WCAG 2.2 at the levels A and AA: light and dark, on a desk and on a telephone.</summary>
public sealed class AccessibilityTests(Browser browser) : IClassFixture<Browser>
{
    private const string Token = "the operator's secret";
    private const string Contrast = "color-contrast";

    // All that axe-core knows of the two levels.
    private static readonly AxeRunOptions Wcag = new()
    {
        RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
    };

    /// <summary>All looks, in a long run; axe-core takes a minute for each on a slow machine.</summary>
    public static TheoryData<ColorScheme, int, int> Looks => CurrentTier.Value == TestTier.Long
        ? new() { { ColorScheme.Light, 1280, 900 }, { ColorScheme.Dark, 1280, 900 }, { ColorScheme.Light, 360, 740 }, { ColorScheme.Dark, 360, 740 } }
        : new() { { ColorScheme.Dark, 360, 740 } };

    [FullTheory(Browser.Program)]
    [MemberData(nameof(Looks))]
    public async Task No_view_breaks_a_rule(ColorScheme scheme, int width, int height)
    {
        using var folder = new TemporaryFolder();
        await using var hop = new RefusingHop("450 4.2.1 Mailbox busy, come back");
        await File.WriteAllTextAsync(folder["token"], Token + "\n");
        await using PagedServer server = await PagedServer.StartAsync("disk:" + folder["spool"], string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{hop.Port}"), folder["token"]);
        string id = await server.SendAsync("alice@client.test", "bob@ours.test");
        await server.SendAsync("alice@client.test", "carol@else.test");
        await using Tab tab = await browser.OpenAsync(server.Address, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height }, ReducedMotion = ReducedMotion.Reduce });

        await tab.Expect("#ask-token").ToBeVisibleAsync();
        await CheckAsync(tab, "the question for the token");
        await tab.Page.GetByLabel("Admin token").FillAsync("a guess");
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Expect("#token-wrong").ToHaveTextAsync("This is not the server's token.");
        await CheckAsync(tab, "a wrong token");
        await tab.Page.GetByLabel("Admin token").FillAsync(Token);
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Expect("#ask-token").ToBeHiddenAsync();

        await Assertions.Expect(tab.Row(id)).ToContainTextAsync("450 4.2.1");
        await CheckAsync(tab, "the overview");
        await tab.Page.GetByLabel($"Select {id}").CheckAsync();
        await tab.Page.Locator("#orders").GetByRole(AriaRole.Button, new() { Name = "Hold" }).ClickAsync();
        await Assertions.Expect(tab.Row(id)).ToContainTextAsync("by an operator");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Pause deliveries" }).ClickAsync();
        await tab.Expect("#condition").ToHaveTextAsync("deliveries are paused");
        await tab.Page.Locator("#orders").GetByRole(AriaRole.Button, new() { Name = "Release" }).ClickAsync();
        await tab.Expect("#hops tbody tr").ToHaveCountAsync(1);
        await tab.Page.Locator("#hops").GetByRole(AriaRole.Button, new() { Name = "Suspend" }).First.ClickAsync();
        await tab.Expect("#hops").ToContainTextAsync("suspended by an operator");
        await CheckAsync(tab, "the overview with a selection, news, and a hop that is suspended");

        await tab.Page.GetByLabel("Text").FillAsync("bob@");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await tab.Expect("#list tbody tr").ToHaveCountAsync(1);
        await CheckAsync(tab, "what a search found");
        await tab.Row(id).GetByRole(AriaRole.Link).ClickAsync();
        await tab.Expect("#message").ToContainTextAsync("450 4.2.1 Mailbox busy, come back");
        await CheckAsync(tab, "a message's story");
        await tab.Page.Locator("#message [data-action=remove]").ClickAsync();
        await tab.Expect("#confirm").ToBeVisibleAsync();
        await CheckAsync(tab, "the question before a removal");
        await tab.Page.Locator("#confirm").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await tab.Expect("#message").ToContainTextAsync("It is not in the queue, or not any more");
        await CheckAsync(tab, "a message that is gone");

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Back to the overview" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await tab.Expect("#list tbody tr").ToHaveCountAsync(0);
        await CheckAsync(tab, "a search that found nothing");
        await server.StopAsync();
        await tab.Expect("#condition").ToHaveTextAsync("no answer");
        await CheckAsync(tab, "a server that does not answer");
    }

    [FullFact(Browser.Program)]
    public async Task What_breaks_a_rule_is_found()
    {
        await using PagedServer server = await PagedServer.StartAsync("memory:", "hold:");
        await using Tab tab = await browser.OpenAsync(server.Address);
        await tab.Expect("#condition").ToHaveTextAsync("stores only");
        await tab.Page.EvaluateAsync("() => { document.documentElement.removeAttribute('lang'); document.querySelector('footer').style.color = '#ddd'; }");
        AxeResult result = await tab.Page.RunAxe(Wcag);
        Assert.Equal([Contrast, "html-has-lang"], result.Violations.Select(static violation => violation.Id).Order());
    }

    private static async Task CheckAsync(Tab tab, string view)
    {
        AxeResult result = await tab.Page.RunAxe(Wcag);
        string broken = string.Join('\n', result.Violations.SelectMany(static rule => rule.Nodes.Select(node => $"{rule.Id}: {rule.Help}: {node.Html}\n  {string.Join("\n  ", node.Any.Concat(node.All).Select(static check => check.Message))}")));
        Assert.True(broken.Length == 0, $"{view}:\n{broken}");
        Assert.Contains(result.Passes, static rule => rule.Id == Contrast);
    }
}
