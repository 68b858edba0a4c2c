using System.Net.Http.Json;
using VioActors.Host.Tests.Server;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>Bad environments: what a person reads, and that the site is as before.</summary>
public sealed class SpecTests
{
    [Fact]
    public async Task A_bad_spec_is_explained_and_leaves_nothing()
    {
        await using var site = await SimulatedSite.StartAsync();
        foreach (var (yaml, words) in Bad)
        {
            Says.Refused(await site.ApplyAsync(yaml), words);
            await site.NothingIsLeftAsync();
        }
    }

    [Fact]
    public async Task A_file_that_is_no_spec_is_told_with_line_and_column()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        Says.Misused(await site.ApplyAsync("name: a\nsubnet: [1\n"), "standard input:3:1", "not YAML");
        Says.Misused(
            await site.ApplyAsync(SimulatedSite.Yaml("a", "", ", colour: red")), "standard input:6:",
                "no option 'colour'");
        Says.Misused(
            await site.ApplyAsync(
                "name: a\nsubnet: 10.10.0.0/24\nnodes:\n"
                + "  - {name: n1, image: tiny}\n  - {name: n1, image: tiny}"),
            "standard input:5:", "'n1'", "line 4");
        await site.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_is_refused_wherever_one_is_taken()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "kernel");
        foreach (var name in new[] { "../x", "..", "a/b" })
        {
            string[] said = [$"'{name}' is not a name", "1 to 40 of a-z"];
            Says.Misused(await site.VioAsync("user", "add", name, "--role", "viewer"), said);
            Says.Misused(await site.VioAsync("image", "add", name, "--kernel", file, "--initrd", file), said);
            Says.Misused(await site.VioAsync("env", "show", name), said);
            Says.Misused(await site.VioAsync("env", "delete", name), said);
            Says.Misused(await site.VioAsync("host", "show", name), said);
            Says.Refused(await site.VioAsync("host", "token", name), $"'{name}'", "1 to 40 of a-z");
        }
        File.Delete(file);
        using var admin = site.Site.Local();
        var straight = await admin.PutAsJsonAsync("users/..%2Fx", new { role = "viewer" });
        Assert.Equal("bad-name", await TestSite.CodeAsync(straight));
        Says.Refused(await site.VioAsync("user", "add", "A", "--role", "viewer"), "'A'", "1 to 40 of a-z");
        await site.NothingIsLeftAsync();
    }

    [Fact]
    public async Task What_does_not_fit_now_is_told_with_the_exact_shortage_and_leaves_nothing()
    {
        await using var site = await SimulatedSite.StartAsync();
        await site.RunAsync("astro", ", host: h1", ", host: h2");
        var large = SimulatedSite.Yaml("boson", "").Replace("64MiB", "900MiB", StringComparison.Ordinal);
        Says.Refused(await site.ApplyAsync(large), "needs 978 MiB", "host h1 has 895 MiB free of 1024", "host h2 has");
        Assert.Single((await site.JsonAsync("env", "ls")).EnumerateArray());
        Assert.Equal(0, (await site.VioAsync("env", "delete", "astro")).Code);
        await site.NothingIsLeftAsync();
        Assert.Equal(0, (await site.ApplyAsync(large)).Code);
    }

    private static (string Yaml, string[] Words)[] Bad =>
    [
        (Good.Replace("image: tiny", "image: huge", StringComparison.Ordinal),
            ["nodes[0].image", "'huge'", "the site has tiny"]),
        (Good.Replace("name: n1", "name: a/b", StringComparison.Ordinal), ["nodes[0].name", "'a/b'", "1 to 40 of a-z"]),
        (Good.Replace("name: n1", "name: ..", StringComparison.Ordinal), ["nodes[0].name", "'..'", "1 to 40 of a-z"]),
        (Good.Replace("name: astro", "name: ../etc", StringComparison.Ordinal), ["name '../etc'", "1 to 40 of a-z"]),
        (Good.Replace("64MiB", "64GiB", StringComparison.Ordinal),
            ["nodes[0].memoryMiB", "65536", "for its emulator", "largest host", "1024 MiB"]),
        (SimulatedSite.Yaml("astro", ", ip: 10.11.0.1"),
            ["nodes[0].ip", "10.11.0.1", "outside the subnet 10.10.0.0/24", "10.10.0.1 to 10.10.0.238"]),
        (SimulatedSite.Yaml("astro", ", ip: 10.10.0.5", ", ip: 10.10.0.5"), ["nodes[1].ip", "nodes[0]"]),
        (SimulatedSite.Yaml("astro", ", host: h9"), ["nodes[0].host", "'h9'", "the site has h1, h2"]),
    ];

    private static string Good => SimulatedSite.Yaml("astro", "");
}
