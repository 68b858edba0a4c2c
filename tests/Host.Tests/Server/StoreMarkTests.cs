using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Api;
using VioActors.Daemon.Server.Restore;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.Host.Tests.Server;

/// <summary>What a mark of the store proves, and what it does not.</summary>
public sealed class StoreMarkTests
{
    [Fact]
    public async Task A_mark_of_now_or_earlier_is_no_reproach_and_a_later_or_another_one_is()
    {
        await using var site = await TestSite.StartAsync();
        var (store, marks) = (site.Get<SqlStore>(), new StoreMarks(site.Get<SqlStore>(), site.Authority));
        var before = await marks.OfAsync(await store.PointAsync());
        await site.UserAsync("ann", Role.Viewer);
        var point = await store.PointAsync();
        var now = await marks.OfAsync(point);
        Assert.True(now.IsAfter(before));
        Assert.Null(await marks.LackAsync(point, before));
        Assert.Null(await marks.LackAsync(point, now));

        Assert.Contains("was at generation 1, position", await marks.LackAsync(
            point with { Position = before.Position }, now), StringComparison.Ordinal);
        Assert.NotNull(await marks.LackAsync(point, now with { Generation = 2 }));
        // A store that went another way and is as far again, or further.
        Assert.Contains("another event", await marks.LackAsync(point, now with { Event = before.Event }),
            StringComparison.Ordinal);
        // A promotion raises the generation and says nothing about what was lost; a decision of somebody does.
        var lost = new StorePoint(2, before.Position);
        Assert.NotNull(await marks.LackAsync(lost, now));
        Assert.Null(await marks.LackAsync(lost with { Adopted = 2 }, now));
    }

    [Fact]
    public async Task A_host_cannot_invent_a_mark_and_stop_the_site_with_it()
    {
        await using var site = await TestSite.StartAsync();
        var (store, guard) = (site.Get<SqlStore>(), site.Get<StoreGuard>());
        var told = guard.Mark ?? throw new InvalidOperationException("The guard has no mark.");
        Assert.True(await guard.HearAsync("host h1", told));
        foreach (var forged in new[]
        {
            told with { Position = told.Position + 1 }, told with { Generation = long.MaxValue },
            told with { Event = "x" }, told with { Seal = "" }, told with { Seal = null! },
        })
            Assert.False(await guard.HearAsync("host h1", forged));
        Assert.Null(guard.Behind);

        // The control: the same claim with the seal of a server counts.
        var real = await new StoreMarks(store, site.Authority).OfAsync(new StorePoint(7, 0));
        Assert.True(await guard.HearAsync("host h1", real));
        Assert.Equal("host h1", guard.Behind?.Witness);
        Assert.False(site.Actors.Stats.IsServing);
        Assert.Equal(8, await guard.AdoptAsync());
        await Until.TrueAsync(() => site.Actors.Stats.IsServing);
    }

    [Fact]
    public async Task An_answer_that_an_adopted_store_forgot_is_not_repeated()
    {
        await using var site = await TestSite.StartAsync();
        var (answers, admin) = (site.Get<FirstAnswers>(), new Principal("root", Role.Admin));
        answers.Keep(admin, "key", new FirstAnswer("request", 200, null, "done"));
        Assert.Equal("done", answers.Find(admin, "key")?.Body);
        await site.Get<StoreGuard>().AdoptAsync();
        Assert.Null(answers.Find(admin, "key"));
    }

    [Fact]
    public void A_file_of_marks_keeps_the_highest_and_a_damaged_one_is_told()
    {
        var directory = Directory.CreateTempSubdirectory("vio-mark-");
        try
        {
            var file = MarkFile.Open(directory.FullName);
            Assert.Null(file.Highest);
            file.Raise(new StoreMark(1, 9, "a", "b"));
            file.Raise(new StoreMark(1, 8, "a", "b"));
            Assert.Equal(9, MarkFile.Open(directory.FullName).Highest?.Position);
            file.Raise(new StoreMark(2, 1, "a", "b"));
            Assert.Equal(2, MarkFile.Open(directory.FullName).Highest?.Generation);

            File.WriteAllText(Path.Combine(directory.FullName, "store-mark.json"), "{");
            var error = Assert.Throws<VioActors.Daemon.Server.StartupException>(
                () => MarkFile.Open(directory.FullName));
            Assert.Contains("then delete the file", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
