using VioActors.Daemon.Shell;

namespace VioActors.Bench.Overlay.Systems;

/// <summary>fastd with the fastest of its ciphers that authenticates.</summary>
internal sealed class Fastd(int number) : OverlaySystem("fastd", SystemKind.Peer, number)
{
    private const int Mtu = 1426;

    /// <inheritdoc/>
    public override string Program => "fastd";

    /// <inheritdoc/>
    public override IReadOnlyList<string> VersionCommand => ["fastd", "--version"];

    /// <inheritdoc/>
    public override async Task StartAsync(Underlay under, CancellationToken cancel)
    {
        var (a, b) = (await NewKeyAsync(under, cancel), await NewKeyAsync(under, cancel));
        foreach (var host in (string[])[under.A, under.B])
        {
            var near = host == under.A;
            var name = $"{Name}-{(near ? 'a' : 'b')}";
            var config = Path.Combine(under.NewDirectory(name), "fastd.conf");
            await File.WriteAllTextAsync(config,
                $$"""
                log level warn;
                mode tap;
                interface "{{Device(near)}}";
                method "salsa2012+umac";
                mtu {{Mtu}};
                bind {{under.AddressOf(host)}}:{{Port}};
                secret "{{(near ? a : b).Secret}}";
                peer "other" {
                  key "{{(near ? b : a).Public}}";
                  remote {{under.AddressOf(under.Other(host))}} port {{Port}};
                }

                """, cancel);
            var daemon = under.Start(host, name, "fastd", "--config", config);
            Daemons.Add(daemon);
            await ConfigureAsync(under, host, daemon, mtu: null, cancel);
        }

        EndsAreHosts(under);
    }

    private int Port => 10_000 + Number;

    private static async Task<(string Secret, string Public)> NewKeyAsync(Underlay under, CancellationToken cancel)
    {
        var said = await under.Runner.RunAsync(new ProcessCommand("fastd", "--generate-key"), cancel);
        string After(string word) => said.Split('\n').Where(line => line.StartsWith(word, StringComparison.Ordinal))
            .Select(line => line[word.Length..].Trim()).FirstOrDefault()
            ?? throw new BenchException("fastd printed no new key");
        return (After("Secret:"), After("Public:"));
    }
}
