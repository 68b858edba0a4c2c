namespace VioActors.Daemon.Agent.Fabric;

/// <summary>One link per known server of the site, at most 8; servers named in a welcome get theirs at once.</summary>
internal sealed class ServerLinks(AgentServices services, Random random)
{
    /// <summary>Most servers of a site.</summary>
    internal const int MaxServers = 8;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var links = new Dictionary<string, (Task Run, CancellationTokenSource Stop)>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                var changed = services.ServersChanged;
                var wanted = services.Identity.Servers.Take(MaxServers).ToHashSet(StringComparer.Ordinal);
                foreach (var gone in links.Keys.Where(server => !wanted.Contains(server)).ToList())
                {
                    await EndAsync(links[gone]);
                    links.Remove(gone);
                }
                foreach (var server in wanted.Where(server => !links.ContainsKey(server)))
                {
                    var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                    links[server] =
                        (new ServerLink(server, services, new Random(random.Next())).RunAsync(stop.Token), stop);
                }
                await Task.WhenAny([changed, .. links.Values.Select(link => link.Run)]).WaitAsync(cancel);
                if (links.Values.FirstOrDefault(link => link.Run.IsFaulted) is { Run: { } failed }) await failed;
            }
        }
        finally
        {
            foreach (var link in links.Values) await EndAsync(link);
        }
    }

    private static async Task EndAsync((Task Run, CancellationTokenSource Stop) link)
    {
        await link.Stop.CancelAsync();
        await link.Run.ContinueWith(_ => { }, TaskScheduler.Default);
        link.Stop.Dispose();
    }
}
