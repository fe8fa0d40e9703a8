import './tokens.css';
import './base.css';
import { mount } from 'svelte';
import App from './app.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('Expected an element #app');
mount(App, { target });
