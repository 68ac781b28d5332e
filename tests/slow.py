"""What `make test` leaves out: tests that take long, and of whose faults faster ones find most, too.

A file's tests by a part of their names. `make test-all` runs them. Tests that are marked `slow` where they
stand are some cases of a test whose others are fast.
"""

SLOW = {
    # Rays of their own, ten seconds of all cores each; one test of each kind stays.
    "cluster/test_arriving.py": (
        "test_what_a_process_cannot_load_waits_for_ray",
        "test_where_ray_cannot_be_started_the_sweep_goes_on",
        "test_ray_is_started_when_it_is_worth_it",
        "test_with_neither_the_sweep_ends",
    ),
    # Workers in processes keep the contract of those on Ray, by the same tests.
    "cluster/test_calls.py": ("[processes]",),
    "cluster/test_dashboards.py": (
        "test_the_dashboard_of_a_cluster_at_an_address",
        "test_the_ray_dashboard_shows_the_workers_and_what_they_train",
        "test_each_panel_of_the_grafana_dashboard_has_figures_in_prometheus",
    ),
    "cluster/test_faults.py": (
        "test_a_node_that_joins_is_used_and_when_it_is_lost_the_others_go_on",
        "test_without_its_control_service_ray_ends_the_sweep_which_can_be_resumed",
    ),
    "cluster/test_join.py": (
        "test_a_cluster_that_asks_for_a_token",
        "test_inside_a_ray_job_its_cluster_is_used_and_a_node_without_a_module_is_named",
    ),
    "cluster/test_kept.py": (
        "test_a_cluster_in_use_is_not_stopped_and_another_sweep_waits_for_it",
        "test_sweeps_from_any_folder_train_there_what_they_are_now",
        "test_stop_ends_all_of_its_processes",
    ),
    "cluster/test_session.py": (
        "test_a_ray_started_here_listens_to_this_machine_alone",
        "test_a_sweep_that_is_stopped_before_ray_is_up_leaves_nothing",
        "test_sigterm_while_ray_starts_leaves_nothing",
    ),
    "execution/test_executors.py": ("[processes]",),
    # Pages that train for long; run `pytest tests/pages` where one is changed.
    "pages/test_blocks.py": tuple(
        f"test_a_page_runs[docs/{page}.md]"
        for page in ("cluster", "coarse_to_fine", "coming_from", "data", "network", "resume", "retune")
    ),
    # Whole trainings, or many of them.
    "face/test_refit.py": ("test_the_winner_is_trained_on_both_splits",),
    "schedulers/test_observe.py": ("test_where_there_are_few_configs_none_is_tried_again",),
    "schedulers/test_untried.py": (
        "test_each_config_is_tried_once_and_an_exhausted_space_ends_the_search[optuna",
    ),
    "screen/test_notebook.py": ("test_an_interrupt_ends_the_sweep_and_the_kernel_goes_on[{'workers': 2}]",),
    "search_cv/test_estimator_checks.py": ("estimator=Pipeline(",),
    "simulation/test_simulation.py": tuple(
        f"test_sweeps_keep_their_promises_whatever_fails[{seed}]" for seed in (8, 16, 24, 32)
    ),
    "sweep/test_population.py": ("test_a_killed_population_goes_on_to_the_same_end",),
    "trainer/backends/test_captured_steps.py": ("nesterov", "rmsprop"),
    "trainer/compiled/test_model.py": ("[momentum-", "[nesterov-", "[rmsprop-"),
    "trainer/stack/test_equals_alone.py": ("[momentum-", "[nesterov-", "[rmsprop-"),
    # All kernels compiled anew, in a process or several.
    "trainer/compiled/test_cache.py": (
        "test_a_process_that_finds_nothing_compiled_trains_as_those_after_it",
        "test_a_copy_elsewhere_has_a_folder_of_its_own",
        "test_of_several_that_start_at_once_one_compiles",
    ),
}


def is_slow(test: str) -> bool:
    """Whether a test, by its file and name, is one of them."""
    file, _, name = test.removeprefix("tests/").partition("::")
    return any(part in name for part in SLOW.get(file, ()))
