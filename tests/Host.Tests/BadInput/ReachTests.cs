using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>Relays and routes from a file to the switches' wanted states.</summary>
public sealed class ReachTests
{
    [Fact]
    public async Task They_reach_the_switches_and_what_is_wrong_is_named()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 3);
        var file = Path.GetTempFileName();
        try
        {
            async Task<(int Code, string Error)> SetAsync(string yaml)
            {
                await File.WriteAllTextAsync(file, yaml);
                var run = await site.VioAsync("host", "reach", "-f", file);
                return (run.Code, run.Error);
            }

            Assert.Equal(ExitCode.Done, (await SetAsync("relays: [h3]\nroutes:\n  - [h1, h3, h2]\n")).Code);
            var shown = (await site.VioAsync("host", "reach")).Out;
            Assert.Contains("h1 - h3 - h2", shown);
            Assert.Contains("relay", shown);
            Assert.Contains("no host 'h9'", (await SetAsync("relays: [h9]")).Error);
            Assert.Contains("different hosts", (await SetAsync("routes: [[h1, h2]]")).Error);
            Assert.Contains("'relais'", (await SetAsync("relais: [h1]")).Error);
            Assert.Contains("list of hosts", (await SetAsync("routes: [h1]")).Error);
            Assert.Equal(shown, (await site.VioAsync("host", "reach")).Out); // nothing of that was taken
        }
        finally
        {
            File.Delete(file);
        }
    }
}
